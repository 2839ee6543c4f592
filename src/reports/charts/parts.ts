/** Building blocks of the reports' charts: axes of numbers, lines, guides and marked points, all in the same style. */
import type { Point } from "./point.ts";
import type { ChartSpec } from "./svg.ts";

/** Colours that colour-blind readers can distinguish (Okabe & Ito 2008); dashes and shapes distinguish them in grey. */
export const BLUE = "#0072B2";
export const VERMILION = "#D55E00";
export const GREY = "#666666";

/** Narrow enough for a telephone without scaling down. */
export const WIDTH_PIXELS = 300;
const HEIGHT_PIXELS = 260;

export type ChartLayer = Extract<ChartSpec, { layer: unknown }>["layer"][number];

interface Axis {
  readonly title: string;
  readonly domain: [number, number];
}

export const SHARE: [number, number] = [0, 1];

/** Draws layers over two numeric axes. */
export function chart(x: Axis, y: Axis, layer: ChartLayer[]): ChartSpec {
  const encodingOf = ({ title, domain }: Axis, field: string) =>
    ({
      field,
      type: "quantitative",
      scale: { domain, nice: false },
      axis: { title, titleLimit: HEIGHT_PIXELS, tickCount: 5, labelFlush: false },
    }) as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: WIDTH_PIXELS,
    height: HEIGHT_PIXELS,
    padding: 6,
    encoding: { x: encodingOf(x, "x"), y: encodingOf(y, "y") },
    layer,
    config: CONFIG,
  };
}

export const CONFIG: NonNullable<ChartSpec["config"]> = {
  aria: false,
  view: { stroke: "#bbbbbb" },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: "normal",
    gridColor: "#e6e6e6",
    labelColor: "#222222",
    titleColor: "#222222",
  },
  legend: { labelFontSize: 12, labelColor: "#222222", orient: "bottom", title: null, symbolSize: 300 },
};

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly points: readonly Point[];
  /** In pixels; 2 by default. */
  readonly width?: number;
}

/** Draws each line's points in the given order, thin lines first. There is a legend if the lines have several names. */
export function lines(series: readonly Line[], { clip = false, dots = false } = {}): ChartLayer[] {
  const looks = [...new Map(series.map((line) => [line.name, line])).values()];
  const legend = looks.length > 1 ? ({ symbolType: "stroke", symbolStrokeWidth: 2 } as const) : null;
  const domain = looks.map(({ name }) => name);
  const byWidth = [...Map.groupBy(series, ({ width = 2 }) => width)].sort(([a], [b]) => a - b);
  return byWidth.map(([strokeWidth, own]) => ({
    data: {
      values: own.flatMap(({ name, points }, line) => points.map(([x, y], order) => ({ name, line, x, y, order }))),
    },
    mark: { type: "line", strokeWidth, clip, point: dots && { filled: true, size: 45, opacity: 1 } },
    encoding: {
      detail: { field: "line" },
      order: { field: "order", type: "quantitative" },
      color: { field: "name", scale: { domain, range: looks.map(({ color }) => color) }, legend },
      strokeDash: { field: "name", scale: { domain, range: looks.map(({ dash }) => [...dash]) }, legend },
    },
  }));
}

export function guide(points: readonly Point[]): ChartLayer {
  const values = points.map(([x, y]) => ({ x, y }));
  return { data: { values }, mark: { type: "line", color: GREY, strokeDash: [3, 3], strokeWidth: 1 } };
}

/** A point with a label to its lower right, or to its lower left if the point is in the right half of the chart. */
export function marked([x, y]: Point, text: string): ChartLayer[] {
  const data = { values: [{ x, y }] };
  const left = x > 0.5;
  return [
    { data, mark: { type: "point", filled: true, size: 90, color: VERMILION, opacity: 1, shape: "diamond" } },
    {
      data,
      mark: {
        type: "text",
        text,
        align: left ? "right" : "left",
        dx: left ? -9 : 9,
        dy: 14,
        fontSize: 12,
        color: "#222222",
      },
    },
  ];
}
