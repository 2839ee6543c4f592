/** The options of the command "slide". */
import * as z from "zod";
import { RECORD_SIDES } from "../histology/dataset/record.ts";
import { MOST_PATCHES_APART } from "../histology/slide/grid.ts";
import { DEFAULT_MIN_TISSUE } from "../histology/slide/tissue.ts";
import { ENGINE_OPTIONS } from "./engine.ts";
import { SCALE_OPTIONS } from "./scale.ts";
import { deviceOption, modelOption, threadsOption } from "./shared.ts";

export const GEOJSON_KINDS = ["regions", "cells"] as const;

export type GeoJsonKind = (typeof GEOJSON_KINDS)[number];

export const slideOptions = z.object({
  model: modelOption,
  slides: z.array(z.string()).min(1).meta({
    description: "Slides, folders of slides, or lists of slides (.txt, .csv).",
    positional: true,
    placeholder: "SLIDE|DIR|LIST",
    path: true,
  }),
  out: z.string().meta({
    description: "Folder for the results; several slides get one subfolder each.",
    placeholder: "DIR",
    path: true,
  }),
  stride: z
    .int()
    .min(1)
    .max(MOST_PATCHES_APART * RECORD_SIDES.most)
    .optional()
    .meta({
      description: "Distance from one patch to the next, in model pixels.",
      fallback: { words: "the side of a patch: 50 for the models of the package" },
      placeholder: "PIXELS",
    }),
  ...SCALE_OPTIONS,
  minTissue: z.number().min(0).max(1).default(DEFAULT_MIN_TISSUE).meta({
    description: "Share of a patch that must be tissue; 0 scores glass too.",
    placeholder: "SHARE",
  }),
  labels: z.string().optional().meta({
    description: "Table of known labels, such as a dataset's manifest.csv (case, x, y, class).",
    placeholder: "FILE",
    path: true,
  }),
  case: z
    .string()
    .optional()
    .meta({
      description: "The slide's case in --labels.",
      fallback: { words: "its file's name" },
      placeholder: "ID",
    }),
  geojson: z
    .enum(GEOJSON_KINDS)
    .default("regions")
    .meta({ description: "Contents of idc.geojson: regions of IDC, or every scored patch." }),
  threads: threadsOption,
  device: deviceOption,
  ...ENGINE_OPTIONS,
});

export type SlideOptions = z.input<typeof slideOptions>;
