/** Reads what the list of items shows of each: a few facts from its description. scan.ts finds the items. */
import { stat } from "node:fs/promises";
import { basename, join, posix, resolve } from "node:path";
import * as z from "zod";
import { readScoreFile } from "../../../artifacts/partial_scores.ts";
import { RUN_FILES } from "../../../artifacts/run_files.ts";
import { keptSchema } from "../../../artifacts/training_record.ts";
import { classNamesOf, DATASET_FILES } from "../../../histology/dataset/description.ts";
import { parseDescription } from "../../../histology/dataset/description_file.ts";
import { SPLITS } from "../../../histology/dataset/split_names.ts";
import { KEEP_NAMES, type Kept } from "../../../options/training/keep.ts";
import { pathFrom, resolveFrom } from "../../../system/paths.ts";
import { messageOf } from "../../../util/errors.ts";
import type { Item } from "../../api/items.ts";
import { type FoundItem, isPictureName } from "./scan.ts";

/** A smaller picture is a patch or a figure. */
const SMALLEST_PICTURE_BYTES = 64 * 1024;

/** How to describe items: the folder that their paths start from, and the id of the item at a path. */
export interface Describing {
  readonly root: string;
  /** The text of a file. @throws UserError if it is too large. */
  text(file: string): Promise<string>;
  /** Null if no item of the kind has that path. */
  idAt(kind: Item["kind"], path: string): string | null;
  /** The id of the first slide with that file name. */
  slideNamed(name: string): string | null;
}

/** Describes an item; undefined if it turns out to be none. */
export async function describeItem(id: string, found: FoundItem, about: Describing): Promise<Item | undefined> {
  const { size, mtimeMs: changed } = await stat(join(about.root, found.file));
  const base = { id, path: found.path, changed };
  if (found.kind === "slide") {
    if (isPictureName(found.path) && size < SMALLEST_PICTURE_BYTES) return undefined;
    return { ...base, kind: "slide", bytes: size };
  }
  try {
    return { ...base, ...(await READERS[found.kind](found, about)) } as Item;
  } catch (error) {
    return { ...base, kind: found.kind, problem: messageOf(error) } as Item;
  }
}

type Reader = (found: FoundItem, about: Describing) => Promise<Record<string, unknown>>;

const READERS: Readonly<Record<Exclude<Item["kind"], "slide">, Reader>> = {
  dataset: async ({ file }, { text }) => {
    const description = parseDescription(await text(file), file);
    const { counts, rejected, split, record, sha256 } = description;
    const classNames = classNamesOf(description);
    return {
      kind: "dataset",
      classNames,
      side: record.width,
      counts,
      rejected,
      splitMethod: split.method,
      manifestSha256: sha256.manifest,
    };
  },
  run: async ({ path, file }, about) => {
    const run = runSchema.parse(JSON.parse(await about.text(file)));
    const kept = run.kept ?? keptBest(run);
    const hasModel = await isFile(join(about.root, path, RUN_FILES.best));
    return {
      kind: "run",
      status: run.status,
      architecture: run.model,
      recipe: run.recipe,
      seed: run.options.seed,
      epochs: run.options.epochs,
      dataset: datasetIn(path, run.dataset.folder, about),
      keep: run.options.keep,
      kept,
      valAuroc: kept?.val_auroc ?? null,
      hasModel,
    };
  },
  evaluation: async ({ path, file }, about) => {
    const report = reportSchema.parse(JSON.parse(await about.text(file)));
    const run = about.idAt("run", posix.dirname(path));
    const own = await evaluatedDataset(path, report.dataset, about);
    return {
      kind: "evaluation",
      split: report.split,
      model: report.model.name ?? report.model.architecture,
      run,
      dataset: own,
      datasetSha256: report.dataset.sha256,
      patches: report.patches,
      cases: report.cases,
      threshold: report.threshold,
      auroc: report.metrics.auroc.value,
    };
  },
  "slide-result": async ({ path, file }, about) => {
    const isDone = basename(file) === "slide.json";
    if (!isDone) {
      const scores = await readScoreFile(join(about.root, path));
      const { file: slideFile, model } = scoresSchema.parse(scores?.facts ?? {});
      return { kind: "slide-result", slideFile, slide: about.slideNamed(slideFile), model, isDone };
    }
    const report = slideSchema.parse(JSON.parse(await about.text(file)));
    return {
      kind: "slide-result",
      slideFile: report.slide.file,
      slide: about.slideNamed(basename(report.slide.file)),
      model: report.model.name,
      isDone,
    };
  },
  crossvalidation: async ({ path, file }, about) => {
    const description = crossvalidationSchema.parse(JSON.parse(await about.text(file)));
    const report = await about
      .text(`${path}/report.json`)
      .then(JSON.parse)
      .catch(() => undefined);
    const auroc = pooledSchema.safeParse(report);
    return {
      kind: "crossvalidation",
      folds: description.folds.length,
      dataset: datasetIn(path, description.dataset.folder, about),
      auroc: auroc.success ? auroc.data.metrics.auroc.value : null,
    };
  },
};

const runSchema = z.looseObject({
  status: z.string(),
  model: z.string(),
  recipe: z.string(),
  options: z.looseObject({ seed: z.number(), epochs: z.number(), keep: z.enum(KEEP_NAMES).catch("best") }),
  dataset: z.looseObject({ folder: z.string() }),
  kept: keptSchema.optional().catch(undefined),
  best_epoch: z.number().nullish(),
  val_auroc: z.number().nullish(),
});

/** What a run of an earlier version has kept: its best epoch. Null if it is not finished. */
function keptBest({
  best_epoch,
  val_auroc,
}: Pick<z.output<typeof runSchema>, "best_epoch" | "val_auroc">): Kept | null {
  return best_epoch ? { keep: "best", epochs: [best_epoch], val_auroc: val_auroc ?? null } : null;
}

const reportSchema = z.looseObject({
  split: z.enum(SPLITS),
  patches: z.number(),
  cases: z.number(),
  threshold: z.number(),
  metrics: z.looseObject({ auroc: z.looseObject({ value: z.number().nullable() }) }),
  model: z.looseObject({ name: z.string().optional(), architecture: z.string() }),
  dataset: z.looseObject({ folder: z.string(), sha256: z.string() }),
});

const slideSchema = z.looseObject({
  slide: z.looseObject({ file: z.string() }),
  model: z.looseObject({ name: z.string() }),
});

const scoresSchema = z.looseObject({ file: z.string().default(""), model: z.string().default("") });

const crossvalidationSchema = z.looseObject({
  folds: z.array(z.unknown()),
  dataset: z.looseObject({ folder: z.string() }),
});

const pooledSchema = z.looseObject({
  metrics: z.looseObject({ auroc: z.looseObject({ value: z.number().nullable() }) }),
});

/** The id of the dataset that a description names relative to its own folder. */
function datasetIn(path: string, folder: string, { root, idAt }: Describing): string | null {
  return idAt("dataset", pathFrom(root, resolveFrom(resolve(root, path), folder)));
}

/**
 * The id of the dataset of an evaluation. A fold's evaluation names it from the fold's folder on, others from the
 * studio's folder on.
 */
async function evaluatedDataset(
  path: string,
  { folder, sha256 }: { readonly folder: string; readonly sha256: string },
  about: Describing,
): Promise<string | null> {
  const beside = posix.join(path, "..", "..", folder);
  const file = posix.join(beside, DATASET_FILES.description);
  const id = about.idAt("dataset", beside);
  if (id !== null && parseDescription(await about.text(file), file).sha256.manifest === sha256) return id;
  return about.idAt("dataset", folder);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
