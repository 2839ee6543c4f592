/**
 * The options for the scale at which a slide is read, and the warning about a guessed scale. histology/slide/scale.ts
 * computes the scale.
 */
import * as z from "zod";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { guessText, PATCH_SIZE_MICRONS, type ScaleOptions } from "../histology/slide/scale.ts";
import { UserError } from "../util/errors.ts";
import { flagOf } from "./command_line.ts";

/** Such as "20x", "20X" or "20". */
const OBJECTIVE = /^(\d{1,3}(?:\.\d+)?) ?[x\u00d7]?$/i;
const [LEAST_OBJECTIVE, MOST_OBJECTIVE] = [1, 200];

/** The options of every command that reads slides. */
export const SCALE_OPTIONS = {
  patchSizeUm: z
    .number()
    .positive()
    .max(100_000)
    .optional()
    .meta({
      description: "Width of a patch in micrometres.",
      fallback: { words: `${PATCH_SIZE_MICRONS} if it has ${RECORD_SIZE_PIXELS} pixels` },
      placeholder: "UM",
    }),
  mpp: z.number().min(0.01).max(100).optional().meta({
    description: "Micrometres per pixel of the slide's level 0, if the slide does not state it or states it wrongly.",
    placeholder: "UM",
  }),
  objective: z
    .string()
    .refine(isObjective, `must be a magnification from ${LEAST_OBJECTIVE}x to ${MOST_OBJECTIVE}x, such as 20x`)
    .optional()
    .meta({
      description: "Magnification that the slide was scanned with: 20x counts as --mpp 0.5, 40x as --mpp 0.25.",
      placeholder: "20x|40x",
    }),
  scale: z.number().min(0.1).max(1000).optional().meta({
    description: "Downsampling factor: slide pixels (level 0) per model pixel.",
    placeholder: "FACTOR",
  }),
};

/** The options before they are checked and parsed. */
export interface GivenScale extends Omit<ScaleOptions, "objective"> {
  readonly objective?: string | undefined;
}

function isObjective(text: string): boolean {
  const value = Number(OBJECTIVE.exec(text.trim())?.[1]);
  return value >= LEAST_OBJECTIVE && value <= MOST_OBJECTIVE;
}

/**
 * The options as numbers.
 * @throws UserError if two options exclude each other.
 */
export function scaleOptionsOf({ scale, patchSizeUm, mpp, objective }: GivenScale): ScaleOptions {
  const given = Object.entries({ scale, mpp, objective }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (scale !== undefined && patchSizeUm !== undefined) given.push("patchSizeUm");
  if (given.length > 1) {
    throw new UserError("options-conflict", `${given.map(flagOf).join(" and ")} exclude each other: give one of them.`);
  }
  return {
    scale,
    patchSizeUm,
    mpp,
    objective: objective === undefined ? undefined : Number(OBJECTIVE.exec(objective.trim())![1]),
  };
}

/** A warning about a guessed scale: the basis of the guess, and the options that set the scale. */
export const guessWarning = (...given: Parameters<typeof guessText>): string =>
  `${guessText(...given)} If the slide was scanned at 20x, give --objective 20x (0.5 micrometres per pixel), at 40x ` +
  "--objective 40x (0.25); or give --mpp or --scale.";
