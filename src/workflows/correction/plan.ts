/**
 * Decides what becomes of each patch of a dataset that is corrected: relabelled, left out, kept or added. The split of a
 * case never changes. Opens no file.
 */
import { countParts, type DatasetCorrections } from "../../histology/dataset/description.ts";
import type { PatchRow } from "../../histology/dataset/patch_row.ts";
import { byCodeUnits, byPlace } from "../../histology/dataset/plan.ts";
import { type Rejection, type RejectionKind, rejection } from "../../histology/dataset/rejection.ts";
import { SPLITS, type Split } from "../../histology/dataset/split_names.ts";
import { UserError } from "../../util/errors.ts";
import type { GivenLabel } from "./labels.ts";

/** A patch of the new dataset, and where its record comes from. */
export interface PlannedPatch {
  readonly row: PatchRow;
  /** The index of the record in the parent, or the record itself. */
  readonly record: number | Uint8Array;
}

/** A patch that was cut out of a slide. */
export interface AddedPatch {
  readonly row: PatchRow;
  readonly record: Uint8Array;
}

type Counts = NonNullable<DatasetCorrections["patches"]>;

export interface CorrectionPlan {
  /** In the order of every dataset: by case, y, x, id. */
  readonly patches: readonly PlannedPatch[];
  readonly rejections: readonly Rejection[];
  readonly counts: Counts;
  /** The corrected cases per split, sorted; those of the parent are among them. */
  readonly cases: DatasetCorrections["cases"];
  /** The corrections of test patches that are not applied. */
  readonly ignored: readonly { readonly id: string; readonly caseId: string }[];
}

export interface PlanInput {
  readonly rows: readonly PatchRow[];
  readonly labels: ReadonlyMap<string, GivenLabel>;
  readonly added: readonly AddedPatch[];
  /** The corrections that made the parent; undefined if it was prepared from pictures. */
  readonly earlier: DatasetCorrections | undefined;
  readonly correctTest: boolean;
}

/**
 * Applies labels to rows. "exclude" leaves a patch out. "unsure" does so in train and val; in test it keeps the patch
 * with the dataset's label, because a test without its hard patches flatters every model.
 */
export function planCorrections({ rows, labels, added, earlier, correctTest }: PlanInput): CorrectionPlan {
  const patches: PlannedPatch[] = [];
  const rejections: Rejection[] = [];
  const counts = { relabelled: perSplit(), excluded: perSplit(), unsure: perSplit(), added: perSplit() };
  const cases: Record<Split, Set<string>> = { train: new Set(), val: new Set(), test: new Set() };
  for (const split of SPLITS) for (const name of earlier?.cases[split] ?? []) cases[split].add(name);
  const ignored: { id: string; caseId: string }[] = [];
  for (const [record, row] of rows.entries()) {
    const given = labels.get(row.id);
    const change = given && changeOf(row, given);
    if (!change || (row.split === "test" && !correctTest)) {
      if (change) ignored.push(row);
      patches.push({ row, record });
      continue;
    }
    counts[change][row.split]++;
    cases[row.split].add(row.caseId);
    if (change === "relabelled") patches.push({ row: { ...row, label: row.label === 1 ? 0 : 1 }, record });
    else rejections.push(rejection(row.source, change, reasonOf(change, row, given!)));
  }
  for (const { row, record } of added) {
    counts.added[row.split]++;
    cases[row.split].add(row.caseId);
    patches.push({ row, record });
  }
  if (added.length > 0) patches.sort((a, b) => byCodeUnits(a.row.caseId, b.row.caseId) || byPlace(a.row, b.row));
  const sorted = (split: Split) => [...cases[split]].sort(byCodeUnits);
  return {
    patches,
    rejections,
    counts,
    cases: { train: sorted("train"), val: sorted("val"), test: sorted("test") },
    ignored,
  };
}

const perSplit = (): Record<Split, number> => ({ train: 0, val: 0, test: 0 });

/** What a label changes about a patch; undefined if nothing. */
function changeOf(row: PatchRow, { label }: GivenLabel): "relabelled" | "excluded" | "unsure" | undefined {
  if (label === "exclude") return "excluded";
  if (label === "unsure") return row.split === "test" ? undefined : "unsure";
  return (label === "positive" ? 1 : 0) === row.label ? undefined : "relabelled";
}

function reasonOf(change: Extract<RejectionKind, "excluded" | "unsure">, { id }: PatchRow, { entry }: GivenLabel) {
  const why = change === "excluded" ? "is excluded" : "cannot be decided";
  return `patch ${id} ${why}, as entry ${entry} of the journal says`;
}

/**
 * Checks that no split lost all its patches.
 * @throws UserError that names the first one that did.
 */
export function requireNoEmptied(before: readonly PatchRow[], { patches }: CorrectionPlan): void {
  const [had, has] = [countParts(before), countParts(patches.map(({ row }) => row))];
  const emptied = SPLITS.find((split) => had[split].patches > 0 && has[split].patches === 0);
  if (emptied === undefined) return;
  throw new UserError(
    "split-empty",
    `The corrections leave no patch in ${emptied}: exclude fewer of its patches, or prepare a dataset with more.`,
  );
}
