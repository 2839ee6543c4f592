/** The map of probabilities of a slide's result: from the finished files, or from the scores so far. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readScoreFile, SCORES_FILE } from "../../../artifacts/partial_scores.ts";
import { decodeFloatTiff } from "../../../histology/slide/float_tiff.ts";
import { fileStamp } from "../../../system/file_stamp.ts";
import { readBytes } from "../../../system/files.ts";
import { UserError } from "../../../util/errors.ts";
import type { ProbabilityMap, ResultFile } from "../../api/slides.ts";

/** The files of a result's folder by their names in addresses. */
export const FILE_NAMES: Readonly<Record<ResultFile, string>> = {
  geojson: "idc.geojson",
  table: "probabilities.csv",
  page: "slide.html",
  map: "probability.tif",
};

const REPORT = "slide.json";

/** Changes whenever the map changes. @throws UserError if the folder has no scores. */
export async function mapVersion(folder: string): Promise<string> {
  const done = await fileStamp(join(folder, REPORT)).catch(() => undefined);
  return done ?? fileStamp(join(folder, SCORES_FILE));
}

const hashSchema = z.object({ slide: z.looseObject({ sha256: z.string() }) });

/** The SHA-256 of the slide that a result is of; undefined if it has no scores yet. */
export async function slideHashIn(folder: string): Promise<string | undefined> {
  const report = await readFile(join(folder, REPORT), "utf8").catch(() => undefined);
  if (report !== undefined) return hashSchema.parse(JSON.parse(report)).slide.sha256;
  const hash = (await readScoreFile(folder))?.facts.slide_sha256;
  return hash === undefined ? undefined : String(hash);
}

/** @throws UserError if the result has no map, or is of a slide of another size. */
export async function readMap(folder: string, slide: { readonly width: number; readonly height: number }) {
  const report = await readFile(join(folder, REPORT), "utf8").catch(() => undefined);
  const map = report === undefined ? await growingMap(folder) : await finishedMap(folder, report, slide);
  const { columns, rows, scale, width, height } = map.grid;
  const fits = [slide.width / scale - width, slide.height / scale - height].every((over) => Math.abs(over) <= 1.001);
  if (fits && map.probabilities.length === columns * rows) return map;
  throw new UserError("request-invalid", "The result is of another slide of the same name: score this slide again.");
}

const reportSchema = z.looseObject({
  slide: z.looseObject({ width: z.number(), height: z.number() }),
  scale: z.looseObject({
    slide_pixels_per_model_pixel: z.number().positive(),
    reason: z.string(),
    guessed: z.boolean(),
    microns_per_pixel: z.number().nullable(),
  }),
  grid: z.looseObject({ columns: z.number(), rows: z.number(), patch: z.number(), stride: z.number() }),
  threshold: z.number(),
  model: z.looseObject({ name: z.string(), class_names: z.tuple([z.string(), z.string()]) }),
  command: z.string(),
});

async function finishedMap(folder: string, text: string, size: { width: number; height: number }) {
  const { slide, scale, grid, threshold, model, command } = reportSchema.parse(JSON.parse(text));
  if (slide.width !== size.width || slide.height !== size.height) {
    throw new UserError("request-invalid", "The result is of another slide of the same name: score this slide again.");
  }
  const perPixel = scale.slide_pixels_per_model_pixel;
  const { data } = await decodeFloatTiff(await readBytes(join(folder, FILE_NAMES.map), "the map"));
  const map: ProbabilityMap = {
    grid: {
      ...{ scale: perPixel, side: grid.patch, stride: grid.stride, columns: grid.columns, rows: grid.rows },
      ...{ width: modelPixels(slide.width, perPixel), height: modelPixels(slide.height, perPixel) },
    },
    ...{ isDone: true, isProvisional: false, threshold, classNames: model.class_names, model: model.name },
    ...{ micronsPerPixel: scale.microns_per_pixel, scaleReason: scale.reason, scaleIsGuessed: scale.guessed },
    ...{ command, probabilities: data },
  };
  return map;
}

/** As grid.ts rounds. */
const modelPixels = (length: number, scale: number): number => Math.max(Math.ceil(length / scale - 1e-6), 1);

const factsSchema = z.looseObject({
  ...{ scale: z.number().positive(), side: z.number(), stride: z.number(), columns: z.number(), rows: z.number() },
  ...{ width: z.number(), height: z.number(), threshold: z.number(), model: z.string(), scale_reason: z.string() },
  ...{ scale_guessed: z.number(), map_microns_per_pixel: z.number().optional() },
  logit_divisor: z.number().positive().optional(),
  classes: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.tuple([z.string(), z.string()])),
});

async function growingMap(folder: string): Promise<ProbabilityMap> {
  const scores = await readScoreFile(folder);
  if (!scores) throw new UserError("item-unknown", "The slide has no scores yet: wait a moment.");
  const facts = factsSchema.parse(scores.facts);
  const { scale, side, stride, columns, rows, width, height, logit_divisor: divisor } = facts;
  return {
    grid: { scale, side, stride, columns, rows, width, height },
    ...{ isDone: false, isProvisional: divisor !== undefined, threshold: facts.threshold, classNames: facts.classes },
    ...{ model: facts.model, micronsPerPixel: facts.map_microns_per_pixel ?? null, command: null },
    ...{ scaleReason: facts.scale_reason, scaleIsGuessed: facts.scale_guessed === 1 },
    probabilities: divisor === undefined ? scores.answers : scores.answers.map((logit) => sigmoid(logit / divisor)),
  };
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
