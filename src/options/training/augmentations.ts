/** Random changes of training patches: one setting per range, and named sets of settings. */
import * as z from "zod";
import { FILL_MODES, type Fill, NEAREST } from "../../engine/nn/fill.ts";
import type { ImageChanges } from "../../engine/training/step.ts";
import { type MoveRanges, TUTORIAL_RANGES } from "../../histology/augmentation/geometry.ts";
import { option } from "../meta.ts";

const GROUP = "Augmentation, each setting on top of --augment:";

/** A setting whose value is that of the named augmentation unless it is given. */
const setting = <T extends z.ZodType>(schema: T, description: string, placeholder?: string) =>
  option(schema, {
    description,
    fallback: { from: "augmentation" },
    group: GROUP,
    ...(placeholder ? { placeholder } : {}),
  });

/**
 * One row per setting. Each range extends to both sides of "unchanged". A value is drawn uniformly each time a patch is
 * used.
 */
export const augmentationSettings = z.object({
  rotation: setting(z.number().min(0).max(180), "Largest rotation to either side, in degrees.", "DEGREES"),
  widthShift: setting(z.number().min(0).max(1), "Largest shift left or right, as a share of the width.", "SHARE"),
  heightShift: setting(z.number().min(0).max(1), "Largest shift up or down, as a share of the height.", "SHARE"),
  shear: setting(z.number().min(0).max(60), "Largest shear to either side, in degrees.", "DEGREES"),
  zoom: setting(z.number().min(0).max(0.9), "Zoom of each side by a factor of up to 1 - SHARE to 1 + SHARE.", "SHARE"),
  horizontalFlip: setting(z.boolean(), "Flip left and right with probability one half."),
  verticalFlip: setting(z.boolean(), "Flip top and bottom with probability one half."),
  quarterTurns: setting(z.boolean(), "Rotate by a random number of quarter turns first."),
  fill: setting(z.enum(FILL_MODES), "How the area outside a moved patch is filled."),
  fillValue: setting(z.number().min(0).max(255), "The value of --fill constant, in red, green and blue.", "0-255"),
  stainJitter: setting(
    z.number().min(0).max(1),
    "Factors and offsets of up to this size on the amounts of haematoxylin and eosin.",
    "STRENGTH",
  ),
});

/** All ranges: degrees, fractions of a side, or fractions of 1. */
export type Augmentation = Readonly<z.output<typeof augmentationSettings>>;

const NONE: Augmentation = {
  rotation: 0,
  widthShift: 0,
  heightShift: 0,
  shear: 0,
  zoom: 0,
  horizontalFlip: false,
  verticalFlip: false,
  quarterTurns: false,
  fill: NEAREST.mode,
  fillValue: NEAREST.value,
  stainJitter: 0,
};

/** The geometric changes of the tutorial. */
const GEOMETRY: Augmentation = {
  ...NONE,
  rotation: TUTORIAL_RANGES.rotationDegrees,
  widthShift: TUTORIAL_RANGES.columnShift,
  heightShift: TUTORIAL_RANGES.rowShift,
  shear: TUTORIAL_RANGES.shearDegrees,
  zoom: TUTORIAL_RANGES.zoom,
  horizontalFlip: TUTORIAL_RANGES.flipColumns,
  verticalFlip: TUTORIAL_RANGES.flipRows,
};

/** The augmentations by name. */
export const AUGMENTATIONS = {
  none: NONE,
  geometry: GEOMETRY,
  "geometry+stain": { ...GEOMETRY, stainJitter: 0.05 },
  "turns+stain": { ...GEOMETRY, quarterTurns: true, stainJitter: 0.05 },
} as const satisfies Record<string, Augmentation>;

export type AugmentationName = keyof typeof AUGMENTATIONS;
export const AUGMENTATION_NAMES = Object.keys(AUGMENTATIONS) as [AugmentationName, ...AugmentationName[]];

/** The ranges of the geometric changes; undefined if there are none. */
export function moveRangesOf(augmentation: Augmentation): MoveRanges | undefined {
  const { rotation, widthShift, heightShift, shear, zoom, horizontalFlip, verticalFlip, quarterTurns } = augmentation;
  const moves = [rotation, widthShift, heightShift, shear, zoom].some((range) => range > 0);
  if (!moves && !horizontalFlip && !verticalFlip && !quarterTurns) return undefined;
  return {
    rotationDegrees: rotation,
    rowShift: heightShift,
    columnShift: widthShift,
    shearDegrees: shear,
    zoom,
    quarterTurns,
    flipRows: verticalFlip,
    flipColumns: horizontalFlip,
  };
}

/** The image changes that the training step must make for an augmentation. */
export function imageChanges(augmentation: Augmentation): ImageChanges & { readonly fill: Fill } {
  return {
    move: moveRangesOf(augmentation) !== undefined,
    recolour: augmentation.stainJitter > 0,
    fill: { mode: augmentation.fill, value: augmentation.fillValue },
  };
}
