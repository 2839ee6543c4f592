/** The options of the command "explain". */
import * as z from "zod";
import { SCALE_OPTIONS } from "./scale.ts";
import { modelOption, threadsOption } from "./shared.ts";

/** The picture has one row per patch; with more rows it would be too long. */
const MOST_PATCHES = 24;

/** More pixels per side than any of our models uses. The actual model's limit is checked once the model is open. */
const MOST_PIXELS = 1024;

export const explainOptions = z.object({
  model: modelOption,
  images: z
    .array(z.string())
    .min(1)
    .max(MOST_PATCHES, `must be ${MOST_PATCHES} at most: explain the others by another call`)
    .meta({
      description: `Images of a patch each, ${MOST_PATCHES} at most; with --at one slide.`,
      positional: true,
      placeholder: "IMAGE|SLIDE",
      path: true,
    }),
  out: z.string().meta({ description: "Folder for explain.png and explain.json.", placeholder: "DIR", path: true }),
  at: z
    .string()
    .regex(/^\d{1,9},\d{1,9}$/, "must be two whole numbers from 0 to 999999999, X,Y, such as 1200,3400")
    .optional()
    .meta({
      description: "Take the patch whose left upper corner is at this pixel of the slide's level 0.",
      fallback: { words: "the image as one patch" },
      placeholder: "X,Y",
    }),
  ...SCALE_OPTIONS,
  layer: z
    .string()
    .optional()
    .meta({
      description: "Convolution layer for Grad-CAM.",
      fallback: { words: "the last with 12 x 12 places" },
      placeholder: "NAME",
    }),
  square: z
    .int()
    .min(1)
    .max(MOST_PIXELS)
    .optional()
    .meta({
      description: "Side of the square that hides a part of the patch, in model pixels.",
      fallback: { words: "a sixth of its side: 8 of 48" },
    }),
  stride: z
    .int()
    .min(1)
    .max(MOST_PIXELS)
    .optional()
    .meta({
      description: "Distance from one square to the next, in model pixels.",
      fallback: { words: "a twelfth of its side: 4 of 48" },
    }),
  threads: threadsOption,
});

export type ExplainOptions = z.input<typeof explainOptions>;
