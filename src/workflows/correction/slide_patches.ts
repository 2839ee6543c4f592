/**
 * Cuts the labelled patches of slides that a dataset does not have yet, and finds those whose picture it has. The split
 * of a case stays; patches of a new case go to train.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { LabelledSlide } from "../../artifacts/corrections/entries.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import type { PatchRow } from "../../histology/dataset/patch_row.ts";
import { type Rejection, rejection } from "../../histology/dataset/rejection.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import { isPlain } from "../../histology/dataset/store_record.ts";
import { gridOf } from "../../histology/slide/grid.ts";
import { openSlide } from "../../histology/slide/open.ts";
import { readScaled } from "../../histology/slide/resample.ts";
import { kindOf, sha256OfFile } from "../../system/files.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { inTurns } from "../../util/turns.ts";
import type { NewCell, NewCells } from "./labels.ts";
import type { AddedPatch } from "./plan.ts";

/** New cells with the split that their patches belong to. */
export interface PlacedCells extends NewCells {
  readonly split: Split;
}

/**
 * Finds the split of each slide's case.
 * @throws UserError if the patches of a case are in several splits.
 */
export function placeCells(added: readonly NewCells[], { rows, folder }: Dataset): PlacedCells[] {
  const splits = new Map<string, Set<Split>>();
  for (const { caseId, split } of rows) {
    if (!splits.has(caseId)) splits.set(caseId, new Set());
    splits.get(caseId)!.add(split);
  }
  return added.map(({ slide, cells }) => {
    const [split = "train", ...others] = splits.get(slide.case) ?? [];
    if (others.length === 0) return { slide, cells, split };
    throw new UserError(
      "case-in-two-splits",
      `Patches of ${slide.file} cannot be added, because those of its case ${slide.case} are in several splits of ${folder}: undo these entries, or prepare the dataset with --split case.`,
    );
  });
}

/** The patches that were cut, and the pictures that the dataset has already. */
export interface CutPatches {
  readonly patches: readonly AddedPatch[];
  readonly rejections: readonly Rejection[];
}

/**
 * Cuts the cells out of their slides, as "slide" reads them.
 * @param journal the path of the journal; the slides are found from its folder
 * @throws UserError if a slide is missing, was changed since it was labelled, is damaged, or ends before a cell.
 */
export async function cutCells(
  placed: readonly PlacedCells[],
  { journal, dataset }: { readonly journal: string; readonly dataset: Dataset },
  context: Context,
): Promise<CutPatches> {
  const cut: AddedPatch[] = [];
  for (const one of placed) {
    for (const patch of await cutOne(one, journal, context)) cut.push(patch);
  }
  if (cut.length === 0) return { patches: [], rejections: [] };
  return inTurns(withoutKnown(cut, dataset), context.signal);
}

async function cutOne(
  { slide: labelled, cells, split }: PlacedCells,
  journal: string,
  { reporter, signal }: Context,
): Promise<AddedPatch[]> {
  const path = join(dirname(journal), labelled.file);
  await requireUnchanged(path, labelled, signal);
  const slide = await openSlide(path);
  try {
    const { scale, side } = labelled;
    const { width, height } = gridOf(slide, { scale, side, stride: side });
    const patches: AddedPatch[] = [];
    for (const [place, cell] of cells.entries()) {
      signal.throwIfAborted();
      if (cell.x >= width || cell.y >= height) throw outside(cell, labelled);
      const { data } = await readScaled(slide, scale, { x: cell.x, y: cell.y, width: side, height: side });
      patches.push({ row: rowOf(cell, labelled, split), record: data });
      const progress = { done: place + 1, total: cells.length, unit: "patches" };
      reporter.progress({ task: "read-patches", subject: labelled.file, ...progress });
    }
    return patches;
  } finally {
    await slide.close();
  }
}

/**
 * The row has no position: the positions of the case's other patches may be those of another slide or scale, and
 * patches of different slides must not count as neighbours. The id holds the position.
 */
function rowOf({ id, label }: NewCell, { case: caseId, side, file }: LabelledSlide, split: Split): PatchRow {
  return { id, caseId, x: undefined, y: undefined, label, split, width: side, height: side, source: file };
}

async function requireUnchanged(path: string, { sha256, file }: LabelledSlide, signal: AbortSignal): Promise<void> {
  if ((await kindOf(path)) !== "file") {
    throw new UserError(
      "slide-missing",
      `The journal labels patches of the slide ${file}, but there is no such file at ${path}: put the slide there, or undo these entries.`,
    );
  }
  const found = await sha256OfFile(path, signal);
  if (found === sha256) return;
  throw new UserError(
    "slide-damaged",
    `${path} is not the slide that was labelled (SHA-256 ${found.slice(0, 12)}..., expected ${sha256.slice(0, 12)}...): restore it, or undo these entries.`,
  );
}

function outside({ x, y }: NewCell, { file }: LabelledSlide): UserError {
  return new UserError(
    "journal-mismatch",
    `The journal labels a patch of ${file} at ${x}, ${y}, where the slide has ended: undo this entry.`,
  );
}

/**
 * Leaves out patches whose pixels the dataset has already, or an earlier one of the added patches: the same tissue
 * would count twice, and could be in two splits. Pictures of one colour are never left out.
 */
function* withoutKnown(cut: readonly AddedPatch[], dataset: Dataset): Generator<void, CutPatches> {
  const digestOf = (record: Uint8Array) => createHash("sha256").update(record).digest("base64");
  const wanted = new Map(cut.map((patch) => [patch, isPlain(patch.record) ? undefined : digestOf(patch.record)]));
  const wantedDigests = new Set(wanted.values());
  const known = new Map<string, string>();
  const record = new Uint8Array(dataset.recordBytes);
  for (const [index, { id }] of dataset.rows.entries()) {
    dataset.read(index, record, 0);
    const digest = digestOf(record);
    if (wantedDigests.has(digest)) known.set(digest, id);
    yield;
  }
  const patches: AddedPatch[] = [];
  const rejections: Rejection[] = [];
  for (const [patch, digest] of wanted) {
    const same = digest === undefined ? undefined : known.get(digest);
    if (same === undefined) patches.push(patch);
    else rejections.push(rejection(patch.row.source, "secondCopy", `${patch.row.id} is the same picture as ${same}`));
    if (digest !== undefined && same === undefined) known.set(digest, patch.row.id);
  }
  return { patches, rejections };
}
