/**
 * Distributes whole cases over parts (splits or folds) so that each part resembles the whole dataset. The result
 * depends only on the counts and a seed.
 */
import { RandomStream } from "../../system/random.ts";

/** A case with its number of patches without and with IDC. */
export interface CaseCounts {
  caseId: string;
  no_idc: number;
  idc: number;
}

/** Cases are sorted by their share of IDC into this many bins. Each bin is distributed over the parts. */
const SHARE_BINS = 4;
/** Attempted improvements per case. More attempts do not improve the balance of a few hundred cases. */
const TRIALS_PER_CASE = 200;
const MAX_TRIALS = 200_000;

/**
 * Assigns each case to a part, given by its index in `shares`. Cases are taken in seeded random order, and each goes to
 * the part that lacks it most. Then random moves and swaps are kept if they improve the balance. Three quantities are
 * balanced together: patches without IDC, patches with IDC, and the cases of each quartile of IDC share. So the parts
 * agree both in the pooled share of IDC and in its spread over cases. If there are at least as many cases as parts, no
 * part is empty. The order of `cases` does not matter.
 * @param shares the share of each part; they add up to 1
 */
export function balancedParts(
  cases: readonly CaseCounts[],
  shares: readonly number[],
  seed: number,
): Map<string, number> {
  const sorted = [...cases].sort((a, b) => (a.caseId < b.caseId ? -1 : 1));
  const balance = new Balance(quantitiesOf(sorted), shares);
  // The first cases are assigned one to each part, in descending order of share.
  const first = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!);
  const order = new RandomStream(seed, "case order").shuffle(Uint32Array.from(sorted.keys()));
  for (const [position, index] of order.entries()) {
    balance.assign(index, first[position] ?? balance.bestPart(index));
  }
  improve(balance, sorted.length, new RandomStream(seed, "case balance"));
  return new Map(sorted.map(({ caseId }, index) => [caseId, balance.partOf[index]!]));
}

/** Groups patches by case and counts them per class. */
export function countCases(patches: readonly { caseId: string; label: 0 | 1 }[]): CaseCounts[] {
  return [...Map.groupBy(patches, ({ caseId }) => caseId)].map(([caseId, own]) => {
    const idc = own.filter(({ label }) => label === 1).length;
    return { caseId, no_idc: own.length - idc, idc };
  });
}

/** One row per case, one column per quantity to balance. */
function quantitiesOf(cases: readonly CaseCounts[]): Float64Array[] {
  const share = ({ no_idc, idc }: CaseCounts): number => idc / Math.max(1, no_idc + idc);
  const rank = [...cases.keys()].sort((a, b) => share(cases[a]!) - share(cases[b]!) || a - b);
  const rows = cases.map(({ no_idc, idc }) => Float64Array.of(no_idc, idc, ...new Array<number>(SHARE_BINS).fill(0)));
  for (const [position, index] of rank.entries()) {
    rows[index]![2 + Math.floor((position * SHARE_BINS) / rank.length)] = 1;
  }
  return rows;
}

/** The part of each case, and the deviation of the parts from their shares. */
class Balance {
  /** The part of each case; -1 if it is not assigned yet. */
  readonly partOf: Int32Array;
  readonly #rows: readonly Float64Array[];
  readonly #totals: Float64Array;
  readonly #shares: readonly number[];
  readonly #sums: readonly Float64Array[];
  readonly #members: number[];

  constructor(rows: readonly Float64Array[], shares: readonly number[]) {
    this.#rows = rows;
    this.#shares = shares;
    this.#sums = shares.map(() => new Float64Array(2 + SHARE_BINS));
    this.#members = shares.map(() => 0);
    this.partOf = new Int32Array(rows.length).fill(-1);
    this.#totals = new Float64Array(2 + SHARE_BINS);
    for (const row of rows) for (const [q, value] of row.entries()) this.#totals[q]! += value;
  }

  get partCount(): number {
    return this.#shares.length;
  }

  assign(index: number, part: number): void {
    const before = this.partOf[index]!;
    if (before >= 0) this.#add(index, before, -1);
    this.#add(index, part, 1);
    this.partOf[index] = part;
  }

  /** The part that would be least full, relative to its share, after adding the case. */
  bestPart(index: number): number {
    const losses = this.#shares.map((_, part) => {
      this.#add(index, part, 1);
      const loss = this.#fill(part);
      this.#add(index, part, -1);
      return loss;
    });
    return losses.indexOf(Math.min(...losses));
  }

  isLastOf(part: number): boolean {
    return this.#members[part] === 1;
  }

  /**
   * The sum, over parts and quantities, of the squared relative deviation from the share. The bins together weigh 1.
   */
  loss(): number {
    let loss = 0;
    for (const [part, share] of this.#shares.entries()) {
      for (const [q, total] of this.#totals.entries()) {
        if (total === 0) continue;
        const distance = this.#sums[part]![q]! / (share * total) - 1;
        loss += distance * distance * (q < 2 ? 1 : 1 / SHARE_BINS);
      }
    }
    return loss;
  }

  /** The fill of a part relative to its share, summed over patches and bins. */
  #fill(part: number): number {
    let fill = 0;
    for (const [q, total] of this.#totals.entries()) {
      if (total > 0) fill += (this.#sums[part]![q]! / total) * (q < 2 ? 1 : 1 / SHARE_BINS);
    }
    return fill / this.#shares[part]!;
  }

  #add(index: number, part: number, sign: 1 | -1): void {
    const sums = this.#sums[part]!;
    for (const [q, value] of this.#rows[index]!.entries()) sums[q]! += sign * value;
    this.#members[part]! += sign;
  }
}

/** Tries random moves of one case and swaps of two. Keeps those that lower the loss and leave no part empty. */
function improve(balance: Balance, caseCount: number, random: RandomStream): void {
  if (caseCount <= balance.partCount) return;
  let loss = balance.loss();
  const trials = Math.min(MAX_TRIALS, caseCount * TRIALS_PER_CASE);
  for (let trial = 0; trial < trials; trial++) {
    const one = random.integer(caseCount);
    const from = balance.partOf[one]!;
    const other = random.integer(caseCount);
    const swap = random.integer(2) === 1;
    const to = swap ? balance.partOf[other]! : random.integer(balance.partCount);
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
