/** The verb "prepare": a folder or archive of patches in, a dataset out that is split, packed, counted and sealed. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";
import { chooseSplitter, emptySplits, type Splitter } from "../histology/dataset/assign.ts";
import { DATASET_FILES, type DatasetDescription } from "../histology/dataset/description.ts";
import type { PatchRow } from "../histology/dataset/manifest.ts";
import { type PackedPatch, packPatches } from "../histology/dataset/pack.ts";
import type { Watch } from "../histology/dataset/parallel.ts";
import { planDataset } from "../histology/dataset/plan.ts";
import { REJECTION_KINDS, type Rejection, type RejectionKind } from "../histology/dataset/rejection.ts";
import { openSource, type PatchSource } from "../histology/dataset/source.ts";
import { SPLITS } from "../histology/dataset/splits.ts";
import { assertFreeFolder, stageFolder } from "../histology/dataset/staging.ts";
import { writeTutorialFolders } from "../histology/dataset/tutorial_folders.ts";
import { writeDataset } from "../histology/dataset/write.ts";
import { UserError } from "../util/errors.ts";
import { tableLines } from "../util/table.ts";
import type { Context, OptionMeta } from "./context.ts";

const meta = (words: OptionMeta): OptionMeta => words;

export const prepareOptions = z.object({
  source: z
    .string()
    .meta(meta({ description: "Folder or zip archive with the patches.", positional: true, placeholder: "SOURCE" })),
  out: z.string().meta(meta({ description: "New folder for the dataset.", placeholder: "DIR" })),
  split: z
    .enum(["case", "patch"])
    .default("case")
    .meta(meta({ description: "What is kept together: whole cases, or nothing (the tutorial's split, which leaks)." })),
  splitLists: z
    .string()
    .optional()
    .meta(
      meta({
        description: "Folder with cases_train.txt, cases_val.txt and cases_test.txt, which then decide the split.",
        placeholder: "DIR",
      }),
    ),
  seed: z
    .int()
    .nonnegative()
    .default(42)
    .meta(meta({ description: "Seed of the split." })),
  folders: z
    .string()
    .optional()
    .meta(
      meta({
        description:
          "Also copy the files into the tutorial's tree, training|validation|testing/0|1, in this new folder.",
        placeholder: "DIR",
      }),
    ),
});

export type PrepareOptions = z.output<typeof prepareOptions>;

export interface PrepareResult {
  /** The dataset's folder. */
  folder: string;
  description: DatasetDescription;
}

/**
 * Prepares a dataset. The same source (as a folder or as an archive), lists and seed give the same bytes.
 * @throws UserError where the source, the lists or the output folders do not allow it; nothing is left behind then, nor
 * when it is stopped by the signal.
 */
export async function prepare(options: PrepareOptions, context: Context): Promise<PrepareResult> {
  const { source: place, out, folders } = options;
  if (folders !== undefined) await assertFreeFolder(folders, "--folders");
  const splitter = await chooseSplitter(options);
  const staging = await stageFolder(out, "--out");
  const tree = folders === undefined ? undefined : await stageFolder(folders, "--folders");
  try {
    const source = await openSource(place);
    try {
      const { rows, description } = await build(source, splitter, staging.folder, context);
      if (tree) await writeTutorialFolders(source, rows, tree.folder, watch("copying files", rows.length, context));
      await tree?.publish();
      await staging.publish();
      summarize(description, out, context);
      return { folder: out, description };
    } finally {
      await source.close();
    }
  } finally {
    await tree?.discard();
    await staging.discard();
  }
}

async function build(
  source: PatchSource,
  splitter: Splitter,
  folder: string,
  context: Context,
): Promise<{ rows: PatchRow[]; description: DatasetDescription }> {
  const { candidates, rejections } = planDataset(source.paths);
  context.signal.throwIfAborted();
  if (candidates.length === 0) throw nothingAccepted(source, rejections);
  const selected = splitter.select(candidates, rejections, context.reporter.warn.bind(context.reporter));
  const watching = watch("reading patches", selected.length, context);
  const packed = await packPatches(source, selected, join(folder, DATASET_FILES.patches), watching);
  rejections.push(...packed.rejections);
  if (packed.patches.length === 0) throw nothingAccepted(source, rejections);
  const rows = toRows(packed.patches, splitter);
  const empty = emptySplits(rows.map(({ split }) => split));
  if (empty.length > 0) {
    context.reporter.warn(
      `No patch is in ${empty.join(" or ")}: the source has too few cases, or the lists name none.`,
    );
  }
  const version = (createRequire(import.meta.url)("../../package.json") as { version: string }).version;
  const content = { rows, rejections, split: splitter.description, software: `cancernet ${version}` };
  const description = await writeDataset(folder, content);
  context.signal.throwIfAborted();
  return { rows, description };
}

function toRows(patches: readonly PackedPatch[], splitter: Splitter): PatchRow[] {
  const splits = splitter.assign(patches.map(({ candidate }) => candidate));
  return patches.map(({ candidate, width, height }, index) => {
    const { id, caseId, x, y, label, path } = candidate;
    return { id, caseId, x, y, label, split: splits[index]!, width, height, source: path };
  });
}

function watch(task: string, total: number, { reporter, signal }: Context): Watch {
  return { signal, onProgress: (done) => reporter.progress({ task, done, total, unit: "patches" }) };
}

function nothingAccepted(source: PatchSource, rejections: readonly Rejection[]): UserError {
  const first = rejections[0];
  const example = first ? ` (for example ${first.path}: ${first.reason})` : "";
  return new UserError(
    `${source.place} has no patch to accept among its ${source.paths.length} files${example}: expected pictures named ` +
      "<case>/<0|1>/<case>_idx5_x<X>_y<Y>_class<0|1>.png, or in folders 0 and 1.",
  );
}

function summarize({ counts, rejected }: DatasetDescription, out: string, { reporter }: Context): void {
  const rows = SPLITS.map((split) => {
    const { cases, patches, idc } = counts[split];
    const share = patches === 0 ? "-" : `${((100 * idc) / patches).toFixed(1)} %`;
    return [split, cases, patches, share];
  });
  const lines = [...tableLines(["split", "cases", "patches", "IDC"], rows), ""];
  const reasons = Object.entries(rejected);
  if (reasons.length > 0) {
    const total = reasons.reduce((sum, [, files]) => sum + files, 0);
    lines.push(`Left out ${total.toLocaleString("en-US")} files, listed in ${join(out, DATASET_FILES.rejected)}:`);
    for (const [kind, files] of reasons) {
      lines.push(`  ${files.toLocaleString("en-US")}  ${REJECTION_KINDS[kind as RejectionKind]}`);
    }
  }
  lines.push(`The dataset is in ${out}.`);
  for (const line of lines) reporter.info(line);
}
