/** The chart of a training: loss and accuracy by epoch, with the kept epochs marked. workflows/chart.ts renders it. */
import type { MeasuredEpoch } from "../../artifacts/history.ts";
import type { Kept } from "../../options/training/keep.ts";
import type { ChartSpec } from "../charts/svg.ts";
import { epochsText } from "./kept_text.ts";

/** Colours that colour-blind readers can distinguish (Okabe & Ito 2008); dashes distinguish them in grey. */
const SERIES = [
  { name: "training", color: "#0072B2", dash: [5, 3] },
  { name: "validation", color: "#D55E00", dash: [1, 0] },
  { name: "validation AUROC", color: "#009E73", dash: [8, 2, 2, 2] },
] as const;
type Series = (typeof SERIES)[number]["name"];

const PANEL_WIDTH_PIXELS = 400;
const PANEL_HEIGHT_PIXELS = 260;
const MOST_EPOCHS_WITH_POINTS = 20;
const MOST_TICKS = 10;

interface Point {
  epoch: number;
  value: number;
  series: Series;
}

/**
 * Two panels side by side: loss by epoch, and accuracy with the validation AUROC by epoch. A vertical line marks the
 * kept epoch, a band the epochs of a mean. Values that are not finite are left out.
 * @internal The chart types need the DOM's types, so they are not published.
 */
export function historyChart(
  history: readonly MeasuredEpoch[],
  { title = "Training", kept }: { readonly title?: string; readonly kept?: Kept | null | undefined } = {},
): ChartSpec {
  const points = (series: Series, measure: (row: MeasuredEpoch) => number): Point[] =>
    history
      .map((row) => ({ epoch: row.epoch, value: measure(row), series }))
      .filter(({ value }) => Number.isFinite(value));
  const losses = [...points("training", (row) => row.loss), ...points("validation", (row) => row.val_loss)];
  const scores = [
    ...points("training", (row) => row.accuracy),
    ...points("validation", (row) => row.val_accuracy),
    ...points("validation AUROC", (row) => row.val_auroc),
  ];
  const marks = kept ? { epochs: kept.epochs, texts: keptTexts(kept) } : undefined;
  // The score axis goes from 0.5 (or from the next lower tenth below the lowest score) to 1, so that it does not change
  // between epochs.
  const lowest = Math.min(0.5, ...scores.map(({ value }) => Math.floor(value * 10) / 10));
  const epochs = history.map(({ epoch }) => epoch);
  const lossPanel = { points: losses, valueTitle: "loss", valueScale: { zero: true, nice: true } };
  const scorePanel = { points: scores, valueTitle: "accuracy, AUROC", valueScale: { domain: [lowest, 1] } };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: title, anchor: "start", fontSize: 16, offset: 28, limit: 2 * PANEL_WIDTH_PIXELS },
    padding: 16,
    spacing: 40,
    hconcat: [
      panel({ ...lossPanel, epochs, kept: marks && { epochs: marks.epochs, text: marks.texts.short } }),
      panel({ ...scorePanel, epochs, kept: marks && { epochs: marks.epochs, text: marks.texts.long } }),
    ],
    resolve: { scale: { color: "shared", strokeDash: "shared" } },
    config: {
      view: { stroke: "#bbbbbb" },
      axis: { labelFontSize: 12, titleFontSize: 13, titleFontWeight: "normal", gridColor: "#e6e6e6" },
      legend: { labelFontSize: 13, columnPadding: 28 },
    },
  };
}

type PanelSpec = Extract<ChartSpec, { hconcat: unknown }>["hconcat"][number];
type LayerSpecs = Extract<PanelSpec, { layer: unknown }>["layer"];

interface Panel {
  points: readonly Point[];
  valueTitle: string;
  valueScale: { zero?: boolean; nice?: boolean; domain?: number[] };
  epochs: readonly number[];
  kept: { readonly epochs: readonly number[]; readonly text: string } | undefined;
}

function panel({ points, valueTitle, valueScale, epochs, kept }: Panel): PanelSpec {
  const { domain, ticks } = epochAxis(epochs);
  const names = SERIES.map(({ name }) => name);
  const withPoints = epochs.length <= MOST_EPOCHS_WITH_POINTS;
  const legend = {
    title: null,
    orient: "bottom",
    symbolType: "stroke",
    symbolSize: 500,
    symbolStrokeWidth: 2,
  } as const;
  return {
    width: PANEL_WIDTH_PIXELS,
    height: PANEL_HEIGHT_PIXELS,
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        scale: { domain, nice: false, zero: false },
        // Vega drops some of the ticks in `values` if it would draw fewer ticks itself. A high count and a small step
        // prevent that.
        axis: {
          title: "epoch",
          values: ticks,
          tickCount: 100,
          tickMinStep: 0.1,
          format: "d",
          grid: false,
          labelFlush: false,
        },
      },
    },
    layer: [
      ...(kept ? keptLayers(kept, domain) : []),
      {
        data: { values: [...points] },
        mark: { type: "line", strokeWidth: 2, point: withPoints && { filled: true, size: 40, opacity: 1 } },
        encoding: {
          y: { field: "value", type: "quantitative", scale: valueScale, axis: { title: valueTitle } },
          color: { field: "series", scale: { domain: names, range: SERIES.map(({ color }) => color) }, legend },
          strokeDash: { field: "series", scale: { domain: names, range: SERIES.map(({ dash }) => [...dash]) }, legend },
        },
      },
    ],
  };
}

/** "epochs 17 to 20", and "mean of epochs 17 to 20: AUROC 0.941", "best epoch 16: AUROC 0.940". */
function keptTexts({ keep, epochs, val_auroc }: Kept): { short: string; long: string } {
  const short = epochsText(epochs);
  const named = keep === "average" ? `mean of ${short}` : `${keep} ${short}`;
  return { short, long: val_auroc === null ? named : `${named}: AUROC ${val_auroc.toFixed(3)}` };
}

/**
 * The vertical line at the kept epoch, or the band over the epochs of a mean, and its label above the panel. The label
 * stays within the panel's width.
 */
function keptLayers(
  { epochs, text }: { readonly epochs: readonly number[]; readonly text: string },
  [first, last]: readonly [number, number],
): LayerSpecs {
  const [from, to] = [epochs[0]!, epochs.at(-1)!];
  const share = ((from + to) / 2 - first) / (last - first);
  const align = share < 0.3 ? "left" : share > 0.7 ? "right" : "center";
  const label = { type: "text", text, align, y: -9, fontSize: 12, color: "#333333" } as const;
  if (from === to) {
    const data = { values: [{ epoch: from }] };
    return [
      { data, mark: { type: "rule", color: "#555555", strokeDash: [2, 2] } },
      { data, mark: label },
    ];
  }
  const band = { type: "rect", color: "#555555", opacity: 0.15, y: 0, y2: PANEL_HEIGHT_PIXELS } as const;
  return [
    { data: { values: [{ epoch: from, to }] }, mark: band, encoding: { x2: { field: "to" } } },
    { data: { values: [{ epoch: align === "right" ? to : align === "left" ? from : (from + to) / 2 }] }, mark: label },
  ];
}

/**
 * The axis from the first to the last epoch, with ticks at whole epochs. A single epoch gets half an epoch on each
 * side.
 */
function epochAxis(epochs: readonly number[]): { domain: [number, number]; ticks: number[] } {
  const first = Math.min(...epochs);
  const last = Math.max(...epochs);
  if (epochs.length === 0) return { domain: [0, 1], ticks: [] };
  if (first === last) return { domain: [first - 0.5, last + 0.5], ticks: [first] };
  const step = [1, 2, 5, 10, 20, 50, 100].find((size) => (last - first) / size <= MOST_TICKS) ?? 200;
  const multiples = Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
  const ticks = multiples.filter((epoch) => epoch >= first);
  return { domain: [first, last], ticks: step === 1 || ticks[0] === first ? ticks : [first, ...ticks] };
}
