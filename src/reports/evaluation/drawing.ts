/** Renders the report's charts as inline SVG for the page. The ids in each SVG are unique on the page. */
import { aTurn } from "../../util/turns.ts";
import { type ChartSpec, type ExpressionInterpreter, renderSvg } from "../charts/svg.ts";
import { classWords } from "../class_words.ts";
import { withVariables } from "../html/colours.ts";
import { decimal } from "../html/elements.ts";
import { Html, html } from "../html/html.ts";
import {
  decisionChart,
  precisionRecallChart,
  reliabilityChart,
  rocChart,
  scoresChart,
  trainingChart,
} from "./charts.ts";
import type { EvaluationReport } from "./report.ts";

type ChartName = "roc" | "precisionRecall" | "reliability" | "scores" | "decision" | "training";

/** The charts as markup. A chart is absent if its numbers are undefined. */
export type Drawings<N extends string = ChartName> = Readonly<Partial<Record<N, Html>>>;

/** A chart, and a text description for readers who cannot see it. */
export interface Chart<N extends string = ChartName> {
  readonly name: N;
  readonly spec: ChartSpec | undefined;
  readonly description: string;
}

/** @param interpreter see `renderSvg` */
export function drawReport(
  report: EvaluationReport,
  signal?: AbortSignal,
  interpreter?: ExpressionInterpreter,
): Promise<Drawings> {
  return drawCharts(chartsOf(report), signal, interpreter);
}

/**
 * Renders all charts with a specification, one after the other.
 * @throws the signal's reason if it is aborted between two charts.
 */
export async function drawCharts<N extends string>(
  charts: readonly Chart<N>[],
  signal?: AbortSignal,
  interpreter?: ExpressionInterpreter,
): Promise<Drawings<N>> {
  const drawn: [N, Html][] = [];
  for (const { name, spec, description } of charts) {
    await aTurn();
    signal?.throwIfAborted();
    if (spec) drawn.push([name, await inlineChart(spec, name, description, interpreter)]);
  }
  return Object.fromEntries(drawn) as Drawings<N>;
}

function chartsOf(report: EvaluationReport): Chart[] {
  const { metrics, threshold, calibration, prevalence } = report;
  const words = classWords(report.model.class_names);
  const point = `at the threshold ${decimal(threshold)}`;
  return [
    {
      name: "roc",
      spec: rocChart(report),
      description: `ROC curve with area ${decimal(metrics.auroc.value)}; ${point} sensitivity ${decimal(metrics.sensitivity.value)} and specificity ${decimal(metrics.specificity.value)}.`,
    },
    {
      name: "precisionRecall",
      spec: precisionRecallChart(report),
      description: `Precision-recall curve with average precision ${decimal(metrics.auprc.value)}; ${point} precision ${decimal(metrics.ppv.value)} and recall ${decimal(metrics.sensitivity.value)}.`,
    },
    {
      name: "reliability",
      spec: reliabilityChart(calibration, words),
      description: `Reliability diagram; expected calibration error ${decimal(calibration.after.calibration_error)}. The table below has its points.`,
    },
    {
      name: "scores",
      spec: scoresChart(report),
      description: `Histograms of the probabilities of both classes, with the threshold ${decimal(threshold)}.`,
    },
    {
      name: "decision",
      spec: decisionChart(report),
      description: `Decision curve of the model beside calling all or none of the patches ${words.positive}, at a ${words.share} of ${decimal(prevalence.own)}.`,
    },
    {
      name: "training",
      spec: trainingChart(report),
      description: "Loss, accuracy and AUROC of training and validation by epoch.",
    },
  ];
}

/**
 * Renders a chart as inline markup. Each id becomes the chart's name and a number. So charts on a page never share clip
 * paths, and the same chart always gives the same text, although Vega continues its id counter between drawings.
 */
export async function inlineChart(
  spec: ChartSpec,
  name: string,
  description: string,
  interpreter?: ExpressionInterpreter,
): Promise<Html> {
  const svg = await renderSvg(spec, interpreter);
  const ids = [...svg.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id!);
  const ownId = (id: string) => `${name}-${ids.indexOf(id)}`;
  const drawing = svg
    .slice(svg.indexOf("<svg "))
    .replace(/\bid="([^"]*)"/g, (_, id) => `id="${ownId(id)}"`)
    .replace(/url\(["']?#([^)"']*)["']?\)/g, (_, id) => `url(#${ownId(id)})`)
    .replace(/\bhref="#([^"]*)"/g, (_, id) => `href="#${ownId(id)}"`)
    // The page sets the font, because not every machine has this one.
    .replace(/ font-family="[^"]*"/g, "")
    // A hundredth of a pixel is precise enough for a path.
    .replace(/ d="[^"]*"/g, (path) => path.replace(/(\.\d\d)\d+/g, "$1"))
    .replace("<svg ", () => `${html`<svg role="img" aria-label="${description}" `}`);
  return Html.trusted(withVariables(drawing));
}
