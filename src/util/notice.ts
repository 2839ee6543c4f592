/** The notice shown with every prediction. */

export const RESEARCH_USE_NOTICE = "Research use only: not for diagnosis.";
