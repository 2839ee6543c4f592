/** The HTML page of an evaluation: a pure function of the numbers, the drawings and the pictures. */
import { pageText } from "../html/document.ts";
import { correctedStatement } from "./corrected.ts";
import type { Drawings } from "./drawing.ts";
import type { EvaluationReport } from "./report.ts";
import { cardSection, dataSection, originSection } from "./section_card.ts";
import { casesSection, gallerySection, type Pictures } from "./section_cases.ts";
import { calibrationSection, decisionSection, rankingSection, trainingSection } from "./section_figures.ts";
import { metricsSection, summarySection, thresholdsSection } from "./section_results.ts";

/** Returns the HTML of the page. */
export function reportPage(report: EvaluationReport, drawings: Drawings, pictures: Pictures): string {
  const sections = [
    summarySection(report),
    metricsSection(report),
    rankingSection(report, drawings),
    thresholdsSection(report),
    calibrationSection(report, drawings),
    decisionSection(report, drawings),
    casesSection(report),
    gallerySection(report, pictures),
    trainingSection(report, drawings),
    dataSection(report),
    cardSection(report),
    originSection(report),
  ];
  const title = `Evaluation of ${report.model.name} on the ${report.split} split`;
  return pageText({
    title,
    statement: correctedStatement(report),
    notice: report.notice,
    sections,
    software: report.versions.cancernet,
  });
}
