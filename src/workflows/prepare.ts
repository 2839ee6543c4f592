/** The verb "prepare": a folder or archive of patches in, a dataset out that is split, packed, counted and sealed. */
import { join, resolve, sep } from "node:path";
import { z } from "zod";
import { chooseSplitter, emptySplits, type Splitter } from "../histology/dataset/assign.ts";
import { DATASET_FILES, type DatasetDescription } from "../histology/dataset/description.ts";
import type { PatchRow } from "../histology/dataset/manifest.ts";
import { openSource } from "../histology/dataset/open_source.ts";
import { type PackedPatch, packPatches } from "../histology/dataset/pack.ts";
import type { Watch } from "../histology/dataset/parallel.ts";
import { planDataset } from "../histology/dataset/plan.ts";
import { REJECTION_KINDS, type Rejection, type RejectionKind } from "../histology/dataset/rejection.ts";
import type { PatchSource } from "../histology/dataset/source.ts";
import { SPLITS } from "../histology/dataset/splits.ts";
import { type Staging, stageFolder } from "../histology/dataset/staging.ts";
import { writeTutorialFolders } from "../histology/dataset/tutorial_folders.ts";
import { writeDataset } from "../histology/dataset/write.ts";
import { UserError } from "../util/errors.ts";
import { counted, whole } from "../util/numbers.ts";
import { tableLines } from "../util/table.ts";
import { SOFTWARE } from "../util/version.ts";
import type { Context } from "./context.ts";

export const prepareOptions = z.object({
  source: z
    .string()
    .meta({ description: "Folder or zip archive with the patches.", positional: true, placeholder: "SOURCE" }),
  out: z.string().meta({ description: "New folder for the dataset.", placeholder: "DIR" }),
  split: z
    .enum(["case", "patch"])
    .default("case")
    .meta({ description: "What is kept together: whole cases, or nothing (the tutorial's split, which leaks)." }),
  splitLists: z.string().optional().meta({
    description: "Folder with cases_train.txt, cases_val.txt and cases_test.txt, which then decide the split.",
    placeholder: "DIR",
  }),
  seed: z.int().nonnegative().default(42).meta({ description: "Seed of the split." }),
  folders: z.string().optional().meta({
    description: "Also copy the files into the tutorial's tree, training|validation|testing/0|1, in this new folder.",
    placeholder: "DIR",
  }),
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
  const { out, folders } = options;
  assertApart(out, folders);
  const splitter = await chooseSplitter(options);
  const stagings: Staging[] = [];
  const source = await openSource(options.source);
  try {
    const staging = await stageFolder(out, "--out");
    stagings.push(staging);
    const tree = folders === undefined ? undefined : await stageFolder(folders, "--folders");
    if (tree) stagings.push(tree);
    const { rows, description } = await build(source, splitter, staging.folder, context);
    if (tree) await writeTutorialFolders(source, rows, tree.folder, watch("copying files", rows.length, context));
    for (const finished of stagings) await finished.publish();
    summarize(description, out, context);
    return { folder: out, description };
  } finally {
    for (const staging of stagings.reverse()) await staging.discard();
    await source.close();
  }
}

/** Neither folder may lie in the other, because each must be empty when it gets its name. */
function assertApart(out: string, folders: string | undefined): void {
  if (folders === undefined) return;
  const [one, other] = [resolve(out) + sep, resolve(folders) + sep];
  if (!one.startsWith(other) && !other.startsWith(one)) return;
  throw new UserError(`--folders ${folders} and --out ${out} overlap: choose two folders beside each other.`);
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
  const content = { rows, rejections, split: splitter.description, software: SOFTWARE };
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
    `${source.place} has no patch to accept among its ${counted(source.paths.length, "file")}${example}: expected pictures named ` +
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
    lines.push(`Left out ${counted(total, "file")}, listed in ${join(out, DATASET_FILES.rejected)}:`);
    for (const [kind, files] of reasons) {
      lines.push(`  ${whole(files)}  ${REJECTION_KINDS[kind as RejectionKind]}`);
    }
  }
  lines.push(`The dataset is in ${out}.`);
  for (const line of lines) reporter.info(line);
}
