/** Microns per pixel from a TIFF picture's resolution tags, if these can be a microscope's. */
import { micronsPerUnit } from "../length_units.ts";
import { type Directory, descriptionOf } from "./directories.ts";

export const X_RESOLUTION = 282;
export const Y_RESOLUTION = 283;
const RESOLUTION_UNIT = 296;

/** By resolution unit: inch and centimetre. Unit 1 states only the pixel's shape. */
const MICRONS: Readonly<Record<number, number>> = { 2: 25_400, 3: 10_000 };

/** From 100-fold objectives to slide scanners' previews. Programs that know no scale write a screen's or a printer's: 72 to 1200 dpi are 21 and more. */
const LEAST_MICRONS = 0.05;
const MOST_MICRONS = 10;

/** Undefined if none is stated, or none that a microscope can have. ImageJ states its unit in the description. */
export async function micronsFromTags(directory: Directory): Promise<number | undefined> {
  const unit =
    unitOfImageJ(await descriptionOf(directory)) ?? MICRONS[Number(await directory.loadValue(RESOLUTION_UNIT)) || 2];
  const [x, y] = [await rationalOf(directory, X_RESOLUTION), await rationalOf(directory, Y_RESOLUTION)];
  if (unit === undefined || x === undefined || y === undefined) return undefined;
  return plausibleMicrons(unit / x, unit / y);
}

/** Micrometres of the unit that ImageJ names in its lines of "name=value"; the resolution is then in pixels per unit. */
function unitOfImageJ(description: string): number | undefined {
  if (!description.startsWith("ImageJ=")) return undefined;
  const unit = /^unit=(.*)$/m.exec(description)?.[1];
  return unit === undefined ? undefined : micronsPerUnit(unit);
}

/** The width, if a microscope's pixel can have it and the pixel is square. */
export function plausibleMicrons(width: number, height: number): number | undefined {
  const square = Math.abs(width / height - 1) < 0.01;
  return square && width >= LEAST_MICRONS && width <= MOST_MICRONS ? width : undefined;
}

/** Undefined if the tag is absent or no fraction above 0. */
export async function rationalOf(directory: Directory, tag: number): Promise<number | undefined> {
  const value: unknown = await directory.loadValue(tag);
  if (!(value instanceof Uint32Array) || value.length < 2 || value[0] === 0 || value[1] === 0) return undefined;
  return value[0]! / value[1]!;
}
