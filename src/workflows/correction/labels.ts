/**
 * Finds what a journal says of the patches of a dataset: the label of each patch that it names, and the cells of slides
 * that the dataset does not have yet. plan.ts decides what becomes of them.
 */
import type { Correction, CorrectionLabel, LabelledSlide } from "../../artifacts/corrections/entries.ts";
import { replay, type SlideCorrections, standingEntries } from "../../artifacts/corrections/replay.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import type { PatchRow } from "../../histology/dataset/patch_row.ts";
import { byCodeUnits } from "../../histology/dataset/plan.ts";
import { sha256OfBytes } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";

/** The label that a journal gives to a patch, and the entry that gave it. */
export interface GivenLabel {
  readonly label: CorrectionLabel;
  readonly entry: string;
}

/** A patch of a slide that has a class and is not in the dataset. */
export interface NewCell {
  readonly id: string;
  /** The upper left corner in model pixels. */
  readonly x: number;
  readonly y: number;
  readonly label: 0 | 1;
}

/** The new patches of a slide, by y and x. */
export interface NewCells {
  readonly slide: LabelledSlide;
  readonly cells: readonly NewCell[];
}

export interface JournalLabels {
  /** By patch id. Only patches of the dataset. */
  readonly labels: ReadonlyMap<string, GivenLabel>;
  /** In an order that depends only on the journal's entries. */
  readonly added: readonly NewCells[];
  /** The entries that were used: their number, and the SHA-256 of their lines. */
  readonly used: { readonly entries: number; readonly sha256: string };
}

/**
 * Reads the labels out of the entries that are in effect. Notes, blind verdicts and undone entries change nothing, not
 * even the hash.
 * @throws UserError if no correction is in effect, or if a patch or the size of a slide's patches is not the dataset's.
 */
export function labelsOf(journal: string, entries: readonly Correction[], dataset: Dataset): JournalLabels {
  const used = standingEntries(entries).filter(({ kind }) => kind === "set" || kind === "slide");
  if (used.length === 0) {
    throw new UserError(
      "journal-empty",
      `${journal} holds no correction of a label that is in effect: correct labels first, or use the dataset as it is.`,
    );
  }
  const ids = new Set(dataset.rows.map(({ id }) => id));
  const { patches, slides } = replay(used);
  requireKnown(journal, [...patches.keys()], { ids, folder: dataset.folder });
  const labels = new Map<string, GivenLabel>();
  for (const [id, { label, labelled }] of patches) {
    if (label !== null) labels.set(id, { label, entry: labelled!.entry });
  }
  const order = new Map(used.map(({ id }, place) => [id, place]));
  const added = [...slides.keys()].sort(byCodeUnits).map((key) => {
    const corrections = slides.get(key)!;
    requireSide(journal, corrections.slide, dataset);
    return newCells(corrections, { ids, labels, order });
  });
  const text = used.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  return {
    labels,
    added: added.filter(({ cells }) => cells.length > 0),
    used: { entries: used.length, sha256: sha256OfBytes(Buffer.from(text)) },
  };
}

/** The id of a slide's patch. It does not depend on the label, nor on the place of the file. */
export function cellId({ case: caseId, sha256, scale }: LabelledSlide, { x, y }: { x: number; y: number }): string {
  return `${caseId}/slide_${sha256.slice(0, 12)}_s${scale}_x${x}_y${y}`;
}

/** The new cells of a slide. A cell that the dataset has already, from an earlier correction, gets its label instead. */
function newCells(
  { slide, cells }: SlideCorrections,
  known: { ids: ReadonlySet<string>; labels: Map<string, GivenLabel>; order: ReadonlyMap<string, number> },
): NewCells {
  const found: NewCell[] = [];
  for (const { x, y, label, entry } of cells.values()) {
    const id = cellId(slide, { x, y });
    if (known.ids.has(id)) {
      const other = known.labels.get(id);
      if (other === undefined || known.order.get(other.entry)! < known.order.get(entry)!) {
        known.labels.set(id, { label, entry });
      }
    } else if (label === "positive" || label === "negative") {
      found.push({ id, x, y, label: label === "positive" ? 1 : 0 });
    }
  }
  return { slide, cells: found.sort((a, b) => a.y - b.y || a.x - b.x) };
}

function requireKnown(
  journal: string,
  named: readonly string[],
  { ids, folder }: { ids: ReadonlySet<PatchRow["id"]>; folder: string },
): void {
  const unknown = named.filter((id) => !ids.has(id));
  if (unknown.length === 0) return;
  throw new UserError(
    "journal-mismatch",
    `${journal} corrects ${counted(unknown.length, "patch")} that ${folder} does not have, such as ${unknown[0]}: give the dataset that the journal was made for.`,
  );
}

function requireSide(journal: string, { file, side }: LabelledSlide, dataset: Dataset): void {
  if (side === dataset.side) return;
  throw new UserError(
    "journal-mismatch",
    `The journal ${journal} is for ${side} x ${side} pixels per patch on ${file}, but the patches of ${dataset.folder} have ${dataset.side} x ${dataset.side}: undo these entries, or give a dataset of their size.`,
  );
}
