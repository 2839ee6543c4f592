/** Builds the charts of an evaluation report as Vega-Lite specifications. drawing.ts renders them for the page. */
import {
  BLUE,
  CONFIG,
  chart,
  GREY,
  guide,
  type Line,
  lines,
  marked,
  SHARE,
  VERMILION,
  WIDTH_PIXELS,
} from "../charts/parts.ts";
import type { Point } from "../charts/point.ts";
import type { ChartSpec } from "../charts/svg.ts";
import { type ClassWords, classWords } from "../class_words.ts";
import { historyChart } from "../training/history_chart.ts";
import type { EvaluationReport, Reliability } from "./report.ts";

const solid = (points: readonly Point[]): Line[] => [{ name: "model", color: BLUE, dash: [1, 0], points }];

/** The ROC curve with the operating point; undefined if there are no patches of a class. */
export function rocChart({ roc, metrics }: EvaluationReport): ChartSpec | undefined {
  const [found, cleared] = [metrics.sensitivity.value, metrics.specificity.value];
  if (found === null || cleared === null) return undefined;
  return chart({ title: "1 - specificity", domain: SHARE }, { title: "sensitivity", domain: SHARE }, [
    guide([
      [0, 0],
      [1, 1],
    ]),
    ...lines(solid(roc)),
    ...marked([1 - cleared, found], "chosen threshold"),
  ]);
}

/** The precision-recall curve with the operating point; undefined if there are no positive patches. */
export function precisionRecallChart({
  precision_recall,
  metrics,
  prevalence,
}: EvaluationReport): ChartSpec | undefined {
  const [found, precision] = [metrics.sensitivity.value, metrics.ppv.value];
  if (found === null) return undefined;
  const x = { title: "recall (sensitivity)", domain: SHARE };
  return chart(x, { title: "precision (PPV)", domain: SHARE }, [
    guide([
      [0, prevalence.own],
      [1, prevalence.own],
    ]),
    ...lines(solid(precision_recall)),
    ...(precision === null ? [] : marked([found, precision], "chosen threshold")),
  ]);
}

/**
 * The observed share of positive patches against the mean probability, per bin of the calibration error, before and
 * after temperature scaling.
 */
export function reliabilityChart(
  calibration: { readonly before: Reliability | null; readonly after: Reliability },
  { probabilityOf, share }: ClassWords,
): ChartSpec {
  const pointsOf = ({ bins }: Reliability): Point[] =>
    bins.flatMap(({ mean_probability: x, share: y }) => (x === null || y === null ? [] : [[x, y] as const]));
  const axes = [`mean ${probabilityOf}`, `observed ${share}`].map((title) => ({ title, domain: SHARE }));
  return chart(axes[0]!, axes[1]!, [
    guide([
      [0, 0],
      [1, 1],
    ]),
    ...lines(
      [
        ...(calibration.before
          ? [{ name: "before scaling", color: VERMILION, dash: [4, 3], points: pointsOf(calibration.before) }]
          : []),
        { name: "after scaling", color: BLUE, dash: [1, 0], points: pointsOf(calibration.after) },
      ],
      { dots: true },
    ),
  ]);
}

/**
 * Net benefit against the threshold probability, compared with calling all patches positive and calling none positive.
 */
export function decisionChart({ decision_curve, prevalence, model }: EvaluationReport): ChartSpec {
  const { positive } = classWords(model.class_names);
  const of = (name: "model" | "all"): Point[] => decision_curve.map((point) => [point.threshold, point[name]]);
  const top = Math.max(prevalence.own * 1.1, 0.05);
  const y = { title: "net benefit per patch", domain: [-top / 5, top] as [number, number] };
  return chart(
    { title: "threshold probability", domain: SHARE },
    y,
    lines(
      [
        { name: "model", color: BLUE, dash: [1, 0], points: of("model") },
        { name: `call all ${positive}`, color: VERMILION, dash: [6, 3], points: of("all") },
        {
          name: "call none",
          color: GREY,
          dash: [2, 2],
          points: [
            [0, 0],
            [1, 0],
          ],
        },
      ],
      { clip: true },
    ),
  );
}

/** Histograms of the probabilities, one panel per class, on the same axis; a vertical line marks the threshold. */
export function scoresChart({ scores, threshold, model }: EvaluationReport): ChartSpec {
  const words = classWords(model.class_names);
  const panel = (of: "idc" | "no_idc", label: string, color: string) =>
    histogram({
      bins: scores,
      countOf: (bin) => bin[of],
      title: `patches with the label "${label}"`,
      color,
      threshold,
      words,
    });
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    padding: 6,
    spacing: 14,
    vconcat: [panel("idc", words.positive, VERMILION), panel("no_idc", words.negative, BLUE)] as never,
    config: CONFIG,
  };
}

interface Histogram<B extends { readonly low: number; readonly high: number }> {
  readonly bins: readonly B[];
  readonly countOf: (bin: B) => number;
  readonly title: string;
  readonly color: string;
  readonly threshold: number;
  readonly words: ClassWords;
}

/** One histogram of probabilities, as shares of the total; a vertical line marks the threshold. */
export function histogram<B extends { readonly low: number; readonly high: number }>(of: Histogram<B>) {
  const { bins, countOf, title, color, threshold, words } = of;
  const total = bins.reduce((sum, bin) => sum + countOf(bin), 0);
  const values = bins.map((bin) => ({ low: bin.low, high: bin.high, share: total === 0 ? 0 : countOf(bin) / total }));
  return {
    width: WIDTH_PIXELS,
    height: 105,
    title: { text: title, anchor: "start", fontSize: 12, fontWeight: "normal", offset: 4 },
    layer: [
      {
        data: { values },
        mark: { type: "bar", color, binSpacing: 1 },
        encoding: {
          x: {
            field: "low",
            bin: { binned: true },
            type: "quantitative",
            scale: { domain: SHARE },
            axis: { title: words.probabilityOf, tickCount: 5, labelFlush: false },
          },
          x2: { field: "high" },
          y: { field: "share", type: "quantitative", axis: { title: "share", format: "%", tickCount: 3 } },
        },
      },
      {
        data: { values: [{ threshold }] },
        mark: { type: "rule", color: "#222222", strokeDash: [4, 2], strokeWidth: 1.5 },
        encoding: { x: { field: "threshold", type: "quantitative" } },
      },
    ],
  } as const;
}

/** The training chart with its panels stacked vertically, so that it fits on a narrow page. */
export function trainingChart({ training }: EvaluationReport): ChartSpec | undefined {
  if (!training || training.history.length === 0) return undefined;
  const spec = historyChart(training.history, { kept: training.kept });
  if (!("hconcat" in spec)) return spec;
  const { hconcat, title: _, ...rest } = spec;
  return { ...rest, padding: 6, spacing: 30, vconcat: hconcat, config: { ...spec.config, aria: false } };
}
