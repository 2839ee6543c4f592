/** The report as one page of HTML that opens without a network: a pure function of the numbers, the drawings and the pictures. */
import type { Drawings } from "./drawing.ts";
import { type Section, sectionElement } from "./elements.ts";
import type { EvaluationReport } from "./evaluation_report.ts";
import { html } from "./html.ts";
import { cardSection, dataSection, originSection } from "./section_card.ts";
import { casesSection, gallerySection, type Pictures } from "./section_cases.ts";
import { calibrationSection, decisionSection, rankingSection, trainingSection } from "./section_figures.ts";
import { metricsSection, summarySection, thresholdsSection } from "./section_results.ts";
import { STYLE } from "./style.ts";

/** Nothing is fetched and no script runs, whatever names the files have. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The page's text. */
export function reportPage(report: EvaluationReport, drawings: Drawings, pictures: Pictures): string {
  const sections: (Section | null)[] = [
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
  const shown = sections.filter((section) => section !== null);
  const title = `Evaluation of ${report.model.model} on the ${report.split} split`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="notice">${report.notice}</p>
<nav aria-label="Contents"><ul>
${shown.map(({ id, title: heading }) => html`<li><a href="#${id}">${heading}</a></li>\n`)}</ul></nav>
</header>
<main>
${shown.map(sectionElement)}</main>
<footer><p>${report.notice} Written by ${report.versions.cancernet}.</p></footer>
</body>
</html>
`.toString();
}
