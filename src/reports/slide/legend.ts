/** The legends below a slide's pictures, as charts: a bar of colours with numbers, or a list of named colours. */
import { hexColours, sequential } from "../../histology/image/colour_map.ts";
import type { ChartSpec } from "../charts/svg.ts";
import type { ClassWords } from "../class_words.ts";

const STEPS = 128;
const WIDTH = 360;
const CONFIG = {
  aria: false,
  view: { stroke: null },
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" },
} as const;

/** A colour and its meaning. */
export interface Key {
  readonly colour: Colour;
  readonly meaning: string;
}

export type Colour = readonly [red: number, green: number, blue: number];

/** A bar of the sequential colour map from 0 to 1, with a line at the threshold. */
export function probabilityLegend(threshold: number, { positive, probabilityOf }: ClassWords): ChartSpec {
  const values = hexColours(sequential, STEPS).map((colour, step) => ({
    from: step / STEPS,
    // Overlaps the next step, so that no seams are visible between the steps.
    to: Math.min((step + 1.5) / STEPS, 1),
    colour,
  }));
  const scale = { domain: [0, 1] as [number, number] };
  const axis = { title: probabilityOf, values: [0, 0.2, 0.4, 0.6, 0.8, 1], grid: false };
  const mark = { threshold, text: `${positive} from ${threshold.toFixed(2)}` };
  return {
    padding: 10,
    width: WIDTH,
    height: 16,
    layer: [
      {
        data: { values },
        mark: { type: "rect" },
        encoding: {
          x: { field: "from", type: "quantitative", scale, axis },
          x2: { field: "to" },
          color: { field: "colour", type: "nominal", scale: null },
        },
      },
      {
        data: { values: [mark] },
        mark: { type: "rule", color: "#d1495b", strokeWidth: 3 },
        encoding: { x: { field: "threshold", type: "quantitative" } },
      },
      {
        data: { values: [mark] },
        mark: { type: "text", dy: -16, fontSize: 11, align: threshold > 0.5 ? "right" : "left" },
        encoding: { x: { field: "threshold", type: "quantitative" }, text: { field: "text", type: "nominal" } },
      },
    ],
    config: CONFIG,
  };
}

/** A vertical list of colours with their meanings. */
export function keyLegend(keys: readonly Key[]): ChartSpec {
  const values = keys.map(({ colour: [red, green, blue], meaning }, place) => ({
    place,
    meaning,
    colour: `rgb(${red},${green},${blue})`,
  }));
  const y = { field: "place", type: "ordinal", axis: null } as const;
  return {
    padding: 10,
    width: WIDTH,
    height: 20 * keys.length,
    data: { values },
    layer: [
      {
        mark: { type: "square", size: 180, stroke: "#666666", strokeWidth: 0.5, filled: true, opacity: 1 },
        encoding: { x: { value: 12 }, y, color: { field: "colour", type: "nominal", scale: null } },
      },
      {
        mark: { type: "text", align: "left", baseline: "middle", fontSize: 12 },
        encoding: { x: { value: 28 }, y, text: { field: "meaning", type: "nominal" } },
      },
    ],
    config: CONFIG,
  };
}
