/**
 * Reads micrometres per pixel from the resolution tags of a TIFF image, if the value is plausible for a microscope.
 */
import { micronsPerUnit } from "../length_units.ts";
import { type Directory, descriptionOf } from "./directories.ts";

export const X_RESOLUTION = 282;
export const Y_RESOLUTION = 283;
const RESOLUTION_UNIT = 296;

/** Micrometres by resolution unit: inch and centimetre. Unit 1 states only the pixel's aspect ratio. */
const MICRONS: Readonly<Record<number, number>> = { 2: 25_400, 3: 10_000 };

/**
 * The plausible range, from 100x objectives to previews of slide scanners. Programs without a scale write the
 * resolution of a screen or printer: 72 to 1200 dpi correspond to 21 micrometres and more.
 */
const LEAST_MICRONS = 0.05;
const MOST_MICRONS = 10;

/** Undefined if none is stated or the value is not plausible. ImageJ states its unit in the description. */
export async function micronsFromTags(directory: Directory): Promise<number | undefined> {
  const unit =
    unitOfImageJ(await descriptionOf(directory)) ?? MICRONS[Number(await directory.loadValue(RESOLUTION_UNIT)) || 2];
  const [x, y] = [await rationalOf(directory, X_RESOLUTION), await rationalOf(directory, Y_RESOLUTION)];
  if (unit === undefined || x === undefined || y === undefined) return undefined;
  return plausibleMicrons(unit / x, unit / y);
}

/**
 * Micrometres per unit, for the unit in ImageJ's "name=value" lines. The resolution is then in pixels per this unit.
 */
function unitOfImageJ(description: string): number | undefined {
  if (!description.startsWith("ImageJ=")) return undefined;
  const unit = /^unit=(.*)$/m.exec(description)?.[1];
  return unit === undefined ? undefined : micronsPerUnit(unit);
}

/** Returns the width if it is plausible for a microscope and the pixel is square. */
export function plausibleMicrons(width: number, height: number): number | undefined {
  const square = Math.abs(width / height - 1) < 0.01;
  return square && width >= LEAST_MICRONS && width <= MOST_MICRONS ? width : undefined;
}

/** Undefined if the tag is absent or is not a positive fraction. */
export async function rationalOf(directory: Directory, tag: number): Promise<number | undefined> {
  const value: unknown = await directory.loadValue(tag);
  if (!(value instanceof Uint32Array) || value.length < 2 || value[0] === 0 || value[1] === 0) return undefined;
  return value[0]! / value[1]!;
}
