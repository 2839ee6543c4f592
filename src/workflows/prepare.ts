/**
 * The command "prepare": reads a folder or an archive of patches, and writes a dataset that is split, packed, counted
 * and protected by checksums.
 */
import { join, resolve, sep } from "node:path";
import { chooseSplitter, requireFullSplits } from "../histology/dataset/choose_splitter.ts";
import { type ClassChoice, findClassFolders } from "../histology/dataset/class_folders.ts";
import { DATASET_FILES, type DatasetDescription } from "../histology/dataset/description.ts";
import { openSource } from "../histology/dataset/open_source.ts";
import { type PackedPatch, packPatches } from "../histology/dataset/pack.ts";
import type { Watch } from "../histology/dataset/parallel.ts";
import type { PatchRow } from "../histology/dataset/patch_row.ts";
import { planSteps } from "../histology/dataset/plan.ts";
import { RecordThreads } from "../histology/dataset/record_threads.ts";
import type { PatchSource } from "../histology/dataset/source.ts";
import { partShares, type Split } from "../histology/dataset/split_names.ts";
import type { Splitter } from "../histology/dataset/splitter.ts";
import { writeTutorialFolders } from "../histology/dataset/tutorial_folders.ts";
import { writeDataset } from "../histology/dataset/write.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type PrepareOptions, prepareOptions } from "../options/prepare.ts";
import type { PrepareResult } from "../reports/dataset/report.ts";
import { nothingAccepted, warningsOf } from "../reports/dataset/text.ts";
import { realPlace } from "../system/files.ts";
import { type Staging, stageFolder } from "../system/output_folder.ts";
import { SOFTWARE } from "../system/version.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import type { Task } from "../util/reporter.ts";
import { inTurns } from "../util/turns.ts";

export type { PrepareResult };

/**
 * Prepares a dataset. The same source (as a folder or as an archive), lists and seed give the same bytes.
 * @throws UserError if the source, the lists or the output folders are not usable. Nothing is left behind then, and
 *   also not after an abort.
 */
export async function prepare(given: PrepareOptions, context: Context): Promise<PrepareResult> {
  const options = checkedOptions(prepareOptions, given);
  const { out, folders } = options;
  assertApart(out, folders);
  const splitterFor = await chooseSplitter(options);
  await requireOutside(options.source, { "--out": out, "--folders": folders });
  const warn = context.reporter.warn.bind(context.reporter);
  const stagings: Staging[] = [];
  const source = await openSource(options.source, context.signal);
  // They start while the names are read.
  const threads = RecordThreads.startFor(source.paths.length);
  try {
    const staging = await stageFolder(out, "--out", warn);
    stagings.push(staging);
    const tree = folders === undefined ? undefined : await stageFolder(folders, "--folders", warn);
    if (tree) stagings.push(tree);
    const { rows, description, splitter } = await build(
      source,
      { ...options, splitterFor, threads },
      staging.folder,
      context,
    );
    if (tree) await writeTutorialFolders(source, rows, tree.folder, watch("copy-files", rows.length, context));
    for (const finished of stagings) await finished.publish();
    const { shares } = splitter;
    return {
      folder: out,
      rejected_list: join(out, DATASET_FILES.rejected),
      wanted_shares: shares ? partShares(shares) : null,
      description,
    };
  } finally {
    await threads?.close();
    for (const staging of stagings.reverse()) await staging.discard();
    await source.close();
  }
}

/** Neither folder may be inside the other, because each must be empty when it receives its final name. */
function assertApart(out: string, folders: string | undefined): void {
  if (folders === undefined) return;
  const [one, other] = [resolve(out) + sep, resolve(folders) + sep];
  if (!one.startsWith(other) && !other.startsWith(one)) return;
  throw new UserError(
    "output-overlaps",
    `--folders ${folders} and --out ${out} overlap: choose two folders beside each other.`,
  );
}

/**
 * An output inside the source would be part of the source the next time. But the same source must give the same
 * dataset.
 */
async function requireOutside(source: string, outputs: Readonly<Record<string, string | undefined>>): Promise<void> {
  const inside = (await realPlace(source)) + sep;
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined || !(await realPlace(path)).startsWith(inside)) continue;
    throw new UserError(
      "output-overlaps",
      `${flag} ${path} lies in the source ${source}: choose a folder outside of it with ${flag}.`,
    );
  }
}

interface BuildOptions extends ClassChoice {
  readonly splitterFor: Awaited<ReturnType<typeof chooseSplitter>>;
  readonly side: number;
  readonly threads: RecordThreads | undefined;
}

async function build(
  source: PatchSource,
  { splitterFor, side, threads, ...choice }: BuildOptions,
  folder: string,
  context: Context,
): Promise<{ rows: PatchRow[]; description: DatasetDescription; splitter: Splitter }> {
  const reading = await inTurns(findClassFolders(source.paths, choice), context.signal);
  const { candidates, rejections } = await inTurns(planSteps(source.paths, reading), context.signal);
  for (const one of source.leftOut) rejections.push(one);
  context.signal.throwIfAborted();
  if (candidates.length === 0) throw nothingAccepted(source, rejections);
  const splitter = splitterFor(candidates);
  const warn = context.reporter.warn.bind(context.reporter);
  const selected = splitter.select(candidates, rejections, warn);
  const planned = splitter.assign(selected);
  requireFullSplits(splitter, planned);
  const watching = watch("read-patches", selected.length, context);
  const records = { path: join(folder, DATASET_FILES.patches), side, threads };
  const packed = await packPatches(source, selected, records, watching);
  for (const one of packed.rejections) rejections.push(one);
  if (packed.patches.length === 0) throw nothingAccepted(source, rejections);
  const left = packed.patches.map(({ candidate }) => candidate);
  // Split again if damaged files were left out.
  const splits = left.length === selected.length ? planned : splitter.assign(left);
  requireFullSplits(splitter, splits);
  const rows = toRows(packed.patches, splits);
  for (const sentence of warningsOf(rows, side)) warn(sentence);
  const { description: split } = splitter;
  const { classNames } = reading;
  const content = { rows, rejections, split, software: SOFTWARE, side, classNames, recordsSha256: packed.sha256 };
  const description = await writeDataset(folder, content, context.signal);
  context.signal.throwIfAborted();
  return { rows, description, splitter };
}

function toRows(patches: readonly PackedPatch[], splits: readonly Split[]): PatchRow[] {
  return patches.map(({ candidate, width, height }, index) => {
    const { id, caseId, x, y, label, path } = candidate;
    return { id, caseId, x, y, label, split: splits[index]!, width, height, source: path };
  });
}

function watch(task: Task, total: number, { reporter, signal }: Context): Watch {
  return { signal, onProgress: (done) => reporter.progress({ task, done, total, unit: "patches" }) };
}
