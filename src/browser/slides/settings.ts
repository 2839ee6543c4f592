/** Checks how a page wants a slide to be scored. */
import { MOST_PATCHES_APART } from "../../histology/slide/grid.ts";
import { UserError } from "../../util/errors.ts";
import type { SlideSettings } from "./protocol.ts";

const GEOJSON: readonly string[] = ["regions", "cells"];

/**
 * @param side the side of a patch in pixels
 * @throws UserError if a value is not in its range, which is that of the command line
 */
export function requireSettings(settings: SlideSettings, side: number): void {
  const { micronsPerPixel, patchSizeMicrons, stride, minTissue, geojson } = settings;
  requireNumber("micronsPerPixel", micronsPerPixel, 0.01, 100);
  requireNumber("patchSizeMicrons", patchSizeMicrons, 0.01, 100_000);
  requireNumber("stride", stride, 1, MOST_PATCHES_APART * side);
  if (stride !== undefined && !Number.isInteger(stride)) throw wrong("stride", "a whole number");
  requireNumber("minTissue", minTissue, 0, 1);
  if (geojson !== undefined && !GEOJSON.includes(geojson)) throw wrong("geojson", GEOJSON.join(" or "));
}

function requireNumber(option: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw wrong(option, `a number from ${least} to ${most}`);
}

const wrong = (option: string, expected: string) =>
  new UserError("option-invalid", `${option} must be ${expected}: give another value.`);
