/**
 * Selects the patches to decode from a source's list of paths, and sorts them in the order of the dataset. Opens no
 * file.
 */
import { counted } from "../../util/numbers.ts";
import { atOnce } from "../../util/turns.ts";
import { NUMBERED_FOLDERS, type TreeReading } from "./class_folders.ts";
import { type Candidate, parsePath } from "./parse_path.ts";
import { type Rejection, rejection } from "./rejection.ts";
import { NESTED_TREE } from "./tree_path.ts";

export interface Plan {
  /** In the order of the dataset: by case, y, x, id. */
  candidates: Candidate[];
  rejections: Rejection[];
}

/**
 * Sorts the paths first, so that the order of the list does not matter. Then leaves out files that are not patches,
 * files with contradictory paths, and further files of the same patch.
 */
export function planDataset(paths: readonly string[], reading: TreeReading = NUMBERED_FOLDERS): Plan {
  return atOnce(planSteps(paths, reading));
}

/** Like `planDataset`, as a generator with a batch of paths per step. */
export function* planSteps(paths: readonly string[], reading: TreeReading): Generator<void, Plan> {
  const rejections: Rejection[] = [];
  const atRoot: Candidate[] = [];
  const nested: Candidate[] = [];
  // Sorts by UTF-16 code units, like `byCodeUnits`, but several times faster.
  for (const [index, path] of [...paths].sort().entries()) {
    const parsed = parsePath(path, reading);
    if ("reason" in parsed) rejections.push(parsed);
    else (parsed.nested ? nested : atRoot).push(parsed);
    if (index % PATHS_A_STEP === 0) yield;
  }
  const all = withoutDoubles([...atRoot, ...nested], rejections);
  yield;
  const candidates = withoutContradictions(all, rejections);
  yield;
  const byCase = Map.groupBy(candidates, ({ caseId }) => caseId);
  yield;
  const sorted: Candidate[] = [];
  for (const caseId of [...byCase.keys()].sort()) {
    for (const candidate of byCase.get(caseId)!.sort(byPlace)) sorted.push(candidate);
    yield;
  }
  return { candidates: sorted, rejections };
}

const PATHS_A_STEP = 1024;

/** Compares by UTF-16 code units. The result is the same on every machine, whatever its language settings. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Keeps the first candidate of each id. Copies in the nested tree of patches at the root become one rejection with
 * their total number.
 */
function withoutDoubles(candidates: readonly Candidate[], rejections: Rejection[]): Candidate[] {
  const first = new Map<string, Candidate>();
  let nestedCopies = 0;
  for (const candidate of candidates) {
    const kept = first.get(candidate.id);
    if (kept === undefined) first.set(candidate.id, candidate);
    else if (candidate.nested && !kept.nested) nestedCopies++;
    else rejections.push(rejection(candidate.path, "secondCopy", `the same patch as ${kept.path}`));
  }
  if (nestedCopies > 0) {
    const reason = `second copies of patches outside this folder: ${counted(nestedCopies, "file")}`;
    rejections.push({ path: `${NESTED_TREE}/`, kind: "nestedCopy", reason, files: nestedCopies });
  }
  return [...first.values()];
}

/** Leaves out all patches at a position that occurs with both classes, because neither label can be trusted. */
function withoutContradictions(candidates: readonly Candidate[], rejections: Rejection[]): Candidate[] {
  const ids = new Set(candidates.map(({ id }) => id));
  return candidates.filter(({ id, path, x, label }) => {
    if (x === undefined) return true;
    const other = `${id.slice(0, -1)}${1 - label}`;
    if (!ids.has(other)) return true;
    rejections.push(rejection(path, "contradiction", `the same place has both classes: ${id} and ${other}`));
    return false;
  });
}

type Placed = Pick<Candidate, "id" | "x" | "y">;

/** The order within a case. */
export function byPlace(a: Placed, b: Placed): number {
  return (a.y ?? -1) - (b.y ?? -1) || (a.x ?? -1) - (b.x ?? -1) || byCodeUnits(a.id, b.id);
}
