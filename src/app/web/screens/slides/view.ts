/** The state of the view of a slide in the address: place, zoom, map, threshold, opacity. */
import { route, setView } from "../../state/route.ts";

/** The middle of the view in pixels of the slide, and pixels of the screen per pixel of the slide. */
export interface ShownPlace {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

const DEFAULT_OPACITY = 0.5;

/** The number in the address, if it is one within the limits. */
function numberIn(name: string, least: number, most: number): number | undefined {
  const text = route.value.view[name];
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return value >= least && value <= most ? value : undefined;
}

export function placeInAddress(): ShownPlace | undefined {
  const [x, y] = [numberIn("x", -1e7, 1e7), numberIn("y", -1e7, 1e7)];
  const zoom = numberIn("zoom", 1e-6, 1e3);
  return x === undefined || y === undefined || zoom === undefined ? undefined : { x, y, zoom };
}

export function putPlace({ x, y, zoom }: ShownPlace): void {
  setView({ x: Math.round(x), y: Math.round(y), zoom: Number(zoom.toPrecision(5)) });
}

/** Undefined if the map's own is wanted. */
export const thresholdInAddress = (): number | undefined => numberIn("threshold", 0, 1);
export const opacityInAddress = (): number => numberIn("opacity", 0, 1) ?? DEFAULT_OPACITY;
/** Whether cells below the threshold are coloured too. */
export const showsAll = (): boolean => route.value.view.below !== "no";
export const resultInAddress = (): string | undefined => route.value.view.result;
/** The place of the chosen region in the list. */
export const regionInAddress = (): number | undefined => numberIn("region", 1, 1e6);
