/** The sentence that stands wherever the software shows a prediction. */

/** Shown wherever the software shows a prediction. */
export const RESEARCH_USE_NOTICE = "Research use only: not for diagnosis.";
