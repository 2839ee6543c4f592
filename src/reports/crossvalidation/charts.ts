/** The charts of a cross-validation's page. */
import { counted } from "../../util/numbers.ts";
import { BLUE, chart, GREY, guide, lines, SHARE } from "../charts/parts.ts";
import type { ChartSpec } from "../charts/svg.ts";
import { classWords } from "../class_words.ts";
import { reliabilityChart } from "../evaluation/charts.ts";
import { type Chart, type Drawings, drawCharts } from "../evaluation/drawing.ts";
import { decimal } from "../html/elements.ts";
import type { CrossvalidationReport } from "./report.ts";

export type CrossvalidationDrawings = Drawings<"roc" | "reliability">;

export function drawCrossvalidation(
  report: CrossvalidationReport,
  signal?: AbortSignal,
): Promise<CrossvalidationDrawings> {
  const { metrics, over_folds, folds, calibration, model } = report;
  const charts: Chart<"roc" | "reliability">[] = [
    {
      name: "roc",
      spec: rocChart(report),
      description: `ROC curves of ${counted(folds.length, "fold")}, with a mean area of ${decimal(over_folds.auroc.mean)}, and of all patches together, with an area of ${decimal(metrics.auroc.value)}.`,
    },
    {
      name: "reliability",
      spec: reliabilityChart({ before: null, after: calibration }, classWords(model.class_names)),
      description: `Reliability diagram of all patches; expected calibration error ${decimal(calibration.calibration_error)}. The table below has its points.`,
    },
  ];
  return drawCharts(charts, signal);
}

/** One thin line per fold, and one line for all patches. Every fold contains both classes. */
function rocChart({ roc, folds }: CrossvalidationReport): ChartSpec {
  return chart({ title: "1 - specificity", domain: SHARE }, { title: "sensitivity", domain: SHARE }, [
    guide([
      [0, 0],
      [1, 1],
    ]),
    ...lines([
      ...folds.map((fold) => ({ name: "a fold", color: GREY, dash: [1, 0], width: 0.8, points: fold.roc })),
      { name: "all patches", color: BLUE, dash: [1, 0], points: roc },
    ]),
  ]);
}
