/** Which case, or which patch, is for training, validation or testing: pure functions of the counts and a seed. */
import { RandomStream } from "../../util/random.ts";

export const SPLITS = ["train", "val", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** The parts that a split by case aims at: those of the tutorial, in patches. */
export const TARGET_SHARES: Record<Split, number> = { train: 0.72, val: 0.08, test: 0.2 };

/** A case and its patches without and with IDC. */
export interface CaseCounts {
  caseId: string;
  benign: number;
  idc: number;
}

/** Cases are grouped by their share of IDC into this many bins, each of which is spread over the splits. */
const SHARE_BINS = 4;
/** Improvements tried per case; more no longer change the balance of some hundred cases. */
const TRIALS_PER_CASE = 200;
const MAX_TRIALS = 200_000;

/**
 * Assigns whole cases: in seeded order each goes where it is missed most, then seeded moves and swaps are kept where they
 * improve the balance. Balanced at once are the patches without IDC, those with IDC, and the cases of each quarter by
 * share of IDC, so that both the pooled share and its spread over cases agree between the splits.
 * From three cases on, no split is empty. The order of `cases` does not matter.
 */
export function splitByCase(cases: readonly CaseCounts[], seed: number): Map<string, Split> {
  const sorted = [...cases].sort((a, b) => (a.caseId < b.caseId ? -1 : 1));
  const balance = new Balance(quantitiesOf(sorted));
  const order = new RandomStream(seed, "case order").shuffle(Uint32Array.from(sorted.keys()));
  for (const [position, index] of order.entries()) {
    balance.assign(index, position < SEED_SPLITS.length ? SEED_SPLITS[position]! : balance.bestSplit(index));
  }
  improve(balance, sorted.length, new RandomStream(seed, "case balance"));
  return new Map(sorted.map(({ caseId }, index) => [caseId, SPLITS[balance.splitOf[index]!]!]));
}

/** The first three cases of the random order: one a split, training first. */
const SEED_SPLITS = [SPLITS.indexOf("train"), SPLITS.indexOf("test"), SPLITS.indexOf("val")];

/**
 * The tutorial's own split: all patches shuffled, the first 80 % for training and the rest for testing, then the first
 * 10 % of the training part for validation. Patches of a case land in several splits.
 * @returns the split of each of `count` patches.
 */
export function splitByPatch(count: number, seed: number): Split[] {
  const order = new RandomStream(seed, "patch order").shuffle(Uint32Array.from({ length: count }, (_, index) => index));
  const trainAndVal = Math.floor(count * 0.8);
  const val = Math.floor(trainAndVal * 0.1);
  const splits = new Array<Split>(count);
  for (const [position, index] of order.entries()) {
    splits[index] = position < val ? "val" : position < trainAndVal ? "train" : "test";
  }
  return splits;
}

/** A row a case, a column a quantity to balance; columns are scaled so that each weighs the same in total. */
function quantitiesOf(cases: readonly CaseCounts[]): Float64Array[] {
  const share = ({ benign, idc }: CaseCounts): number => idc / Math.max(1, benign + idc);
  const rank = [...cases.keys()].sort((a, b) => share(cases[a]!) - share(cases[b]!) || a - b);
  const rows = cases.map(({ benign, idc }) => Float64Array.of(benign, idc, ...new Array<number>(SHARE_BINS).fill(0)));
  for (const [position, index] of rank.entries()) {
    rows[index]![2 + Math.floor((position * SHARE_BINS) / rank.length)] = 1;
  }
  return rows;
}

/** Where each case is, and how far the splits are from their targets. Splits are indices into SPLITS. */
class Balance {
  readonly splitOf: Int8Array;
  readonly #rows: readonly Float64Array[];
  readonly #totals: Float64Array;
  readonly #sums = SPLITS.map(() => new Float64Array(2 + SHARE_BINS));
  readonly #members = SPLITS.map(() => 0);

  constructor(rows: readonly Float64Array[]) {
    this.#rows = rows;
    this.splitOf = new Int8Array(rows.length).fill(-1);
    this.#totals = new Float64Array(2 + SHARE_BINS);
    for (const row of rows) for (const [q, value] of row.entries()) this.#totals[q]! += value;
  }

  assign(index: number, split: number): void {
    const before = this.splitOf[index]!;
    if (before >= 0) this.#add(index, before, -1);
    this.#add(index, split, 1);
    this.splitOf[index] = split;
  }

  /** The split that is furthest behind its target once the case is in it. */
  bestSplit(index: number): number {
    const losses = SPLITS.map((_, split) => {
      this.#add(index, split, 1);
      const loss = this.#fill(split);
      this.#add(index, split, -1);
      return loss;
    });
    return losses.indexOf(Math.min(...losses));
  }

  isLastOf(split: number): boolean {
    return this.#members[split] === 1;
  }

  /** The sum, over splits and quantities, of the squared relative distance to the target; bins weigh 1 in all. */
  loss(): number {
    let loss = 0;
    for (const [split, name] of SPLITS.entries()) {
      for (const [q, total] of this.#totals.entries()) {
        if (total === 0) continue;
        const distance = this.#sums[split]![q]! / (TARGET_SHARES[name] * total) - 1;
        loss += distance * distance * (q < 2 ? 1 : 1 / SHARE_BINS);
      }
    }
    return loss;
  }

  /** How full a split is, as a share of its target, averaged over patches and bins. */
  #fill(split: number): number {
    let fill = 0;
    for (const [q, total] of this.#totals.entries()) {
      if (total > 0) fill += (this.#sums[split]![q]! / total) * (q < 2 ? 1 : 1 / SHARE_BINS);
    }
    return fill / TARGET_SHARES[SPLITS[split]!];
  }

  #add(index: number, split: number, sign: 1 | -1): void {
    const sums = this.#sums[split]!;
    for (const [q, value] of this.#rows[index]!.entries()) sums[q]! += sign * value;
    this.#members[split]! += sign;
  }
}

/** Tries random moves of one case and swaps of two; keeps what lowers the loss and empties no split. */
function improve(balance: Balance, caseCount: number, random: RandomStream): void {
  if (caseCount <= SPLITS.length) return;
  let loss = balance.loss();
  const trials = Math.min(MAX_TRIALS, caseCount * TRIALS_PER_CASE);
  for (let trial = 0; trial < trials; trial++) {
    const one = random.integer(caseCount);
    const from = balance.splitOf[one]!;
    const other = random.integer(caseCount);
    const swap = random.integer(2) === 1;
    const to = swap ? balance.splitOf[other]! : random.integer(SPLITS.length);
    if (from === to || (!swap && balance.isLastOf(from))) continue;
    balance.assign(one, to);
    if (swap) balance.assign(other, from);
    const changed = balance.loss();
    if (changed < loss - 1e-12) {
      loss = changed;
      continue;
    }
    balance.assign(one, from);
    if (swap) balance.assign(other, to);
  }
}
