/** The verb "prepare": a folder or archive of patches in, a dataset out that is split, packed, counted and sealed. */
import { join, resolve, sep } from "node:path";
import { z } from "zod";
import { chooseSplitter, emptySplits, requireFullSplits, type Splitter } from "../histology/dataset/assign.ts";
import { CLASS_NAMES } from "../histology/dataset/class_names.ts";
import { DATASET_FILES, type DatasetDescription } from "../histology/dataset/description.ts";
import type { PatchRow } from "../histology/dataset/manifest.ts";
import { openSource } from "../histology/dataset/open_source.ts";
import { type PackedPatch, packPatches } from "../histology/dataset/pack.ts";
import type { Watch } from "../histology/dataset/parallel.ts";
import { planSteps } from "../histology/dataset/plan.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { REJECTION_KINDS, type Rejection, type RejectionKind } from "../histology/dataset/rejection.ts";
import type { PatchSource } from "../histology/dataset/source.ts";
import { DEFAULT_SHARES, partShares, SPLITS, type SplitShares } from "../histology/dataset/splits.ts";
import { writeTutorialFolders } from "../histology/dataset/tutorial_folders.ts";
import { writeDataset } from "../histology/dataset/write.ts";
import { UserError } from "../util/errors.ts";
import { realPlace } from "../util/files.ts";
import { counted, whole } from "../util/numbers.ts";
import { type Staging, stageFolder } from "../util/output_folder.ts";
import { tableLines } from "../util/table.ts";
import { inTurns } from "../util/turns.ts";
import { SOFTWARE } from "../util/version.ts";
import { checkedOptions } from "./checked_options.ts";
import type { Context, SettledValue } from "./context.ts";

/** Every part gets something. */
const LEAST_SHARE = 0.001;

export const prepareOptions = z.object({
  source: z.string().meta({
    description: "Folder or zip archive with the patches.",
    positional: true,
    placeholder: "SOURCE",
    path: true,
  }),
  out: z.string().meta({ description: "New folder for the dataset.", placeholder: "DIR", path: true }),
  split: z
    .enum(["case", "patch"])
    .default("case")
    .meta({ description: "What is kept together: whole cases, or nothing (the tutorial's split, which leaks)." }),
  splitLists: z.string().optional().meta({
    description: "Folder with cases_train.txt, cases_val.txt and cases_test.txt, which then decide the split.",
    placeholder: "DIR",
    path: true,
  }),
  trainShare: z
    .number()
    .min(LEAST_SHARE)
    .max(1 - LEAST_SHARE)
    .optional()
    .meta({
      description: `Share of the patches for training, validation included; the rest is for testing. [${DEFAULT_SHARES.train}]`,
      placeholder: "SHARE",
    }),
  validationShare: z
    .number()
    .min(LEAST_SHARE)
    .max(1 - LEAST_SHARE)
    .optional()
    .meta({
      description: `Share of the training part that is for validation. [${DEFAULT_SHARES.validation}]`,
      placeholder: "SHARE",
    }),
  seed: z.int().nonnegative().default(42).meta({ description: "Seed of the split." }),
  folders: z.string().optional().meta({
    description: "Also copy the files into the tutorial's tree, training|validation|testing/0|1, in this new folder.",
    placeholder: "DIR",
    path: true,
  }),
});

export type PrepareOptions = z.input<typeof prepareOptions>;

/** The shares that hold if none are given, for people; none if lists decide. */
export function settledShares({ splitLists }: PrepareOptions): Record<string, SettledValue> {
  if (splitLists !== undefined) return {};
  const { train, validation } = DEFAULT_SHARES;
  return {
    trainShare: { value: train, from: "default" },
    validationShare: { value: validation, from: "default" },
  };
}

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
export async function prepare(given: PrepareOptions, context: Context): Promise<PrepareResult> {
  const options = checkedOptions(prepareOptions, given);
  const { out, folders } = options;
  assertApart(out, folders);
  const splitter = await chooseSplitter(options);
  await requireOutside(options.source, { "--out": out, "--folders": folders });
  const warn = context.reporter.warn.bind(context.reporter);
  const stagings: Staging[] = [];
  const source = await openSource(options.source, context.signal);
  try {
    const staging = await stageFolder(out, "--out", warn);
    stagings.push(staging);
    const tree = folders === undefined ? undefined : await stageFolder(folders, "--folders", warn);
    if (tree) stagings.push(tree);
    const { rows, description } = await build(source, splitter, staging.folder, context);
    if (tree) await writeTutorialFolders(source, rows, tree.folder, watch("copying files", rows.length, context));
    for (const finished of stagings) await finished.publish();
    summarize(description, splitter.shares, out, context);
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

/** What lies in the source would be a part of it the next time, and the same source must give the same dataset. */
async function requireOutside(source: string, outputs: Readonly<Record<string, string | undefined>>): Promise<void> {
  const inside = (await realPlace(source)) + sep;
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined || !(await realPlace(path)).startsWith(inside)) continue;
    throw new UserError(`${flag} ${path} lies in the source ${source}: choose a folder outside of it with ${flag}.`);
  }
}

async function build(
  source: PatchSource,
  splitter: Splitter,
  folder: string,
  context: Context,
): Promise<{ rows: PatchRow[]; description: DatasetDescription }> {
  const { candidates, rejections } = await inTurns(planSteps(source.paths), context.signal);
  for (const one of source.leftOut) rejections.push(one);
  context.signal.throwIfAborted();
  if (candidates.length === 0) throw nothingAccepted(source, rejections);
  const selected = splitter.select(candidates, rejections, context.reporter.warn.bind(context.reporter));
  requireFullSplits(splitter, splitter.assign(selected));
  const watching = watch("reading patches", selected.length, context);
  const packed = await packPatches(
    source,
    selected,
    { path: join(folder, DATASET_FILES.patches), side: RECORD_SIZE_PIXELS },
    watching,
  );
  rejections.push(...packed.rejections);
  if (packed.patches.length === 0) throw nothingAccepted(source, rejections);
  const rows = toRows(packed.patches, splitter);
  const splits = rows.map(({ split }) => split);
  requireFullSplits(splitter, splits); // Again, since damaged files were left out.
  const empty = emptySplits(splits);
  if (empty.length > 0) {
    context.reporter.warn(
      `No patch is in ${empty.join(" or ")}: the source has too few cases, or the lists name none.`,
    );
  }
  const content = {
    rows,
    rejections,
    split: splitter.description,
    software: SOFTWARE,
    side: RECORD_SIZE_PIXELS,
    classNames: CLASS_NAMES,
  };
  const description = await writeDataset(folder, content, context.signal);
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
    `${source.place} has no patch to accept among its ${counted(source.paths.length + source.leftOut.length, "file")}${example}: expected pictures named ` +
      "<case>/<0|1>/<case>_idx5_x<X>_y<Y>_class<0|1>.png, or in folders 0 and 1.",
  );
}

function summarize(
  { counts, rejected }: DatasetDescription,
  shares: SplitShares | undefined,
  out: string,
  { reporter }: Context,
): void {
  const total = (what: "cases" | "patches") => SPLITS.reduce((sum, split) => sum + counts[split][what], 0);
  const percent = (part: number, all: number) => (all === 0 ? "-" : `${((100 * part) / all).toFixed(1)} %`);
  const wanted = shares && partShares(shares);
  const rows = SPLITS.map((split) => {
    const { cases, patches, idc } = counts[split];
    const row = [split, cases, patches, percent(idc, patches), percent(cases, total("cases"))];
    return [...row, percent(patches, total("patches")), ...(wanted ? [percent(wanted[split], 1)] : [])];
  });
  const columns = ["split", "cases", "patches", "IDC", "of all cases", "of all patches", ...(wanted ? ["wanted"] : [])];
  const lines = [...tableLines(columns, rows), ""];
  const reasons = Object.entries(rejected);
  if (reasons.length > 0) {
    const files = reasons.reduce((sum, [, count]) => sum + count, 0);
    lines.push(`Left out ${counted(files, "file")}, listed in ${join(out, DATASET_FILES.rejected)}:`);
    for (const [kind, count] of reasons) {
      lines.push(`  ${whole(count)}  ${REJECTION_KINDS[kind as RejectionKind]}`);
    }
  }
  lines.push(`The dataset is in ${out}.`);
  for (const line of lines) reporter.info(line);
}
