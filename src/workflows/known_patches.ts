/**
 * A few patches of every case that a model was made from, as digests of their pixels in the model's card. By them an
 * evaluation on another dataset notices cases that the model knows.
 */
import type { Dataset } from "../histology/dataset/dataset.ts";
import { digestsOf } from "../histology/dataset/digests.ts";
import type { KnownPatches } from "../reports/evaluation/leakage.ts";

/** Characters of base64 per digest, 48 bits: one in 10^11 patches is taken for a known one by chance. */
export const DIGEST_LENGTH = 8;

/**
 * Digests per case. The smallest digests of a case are taken, so another sample of a fraction f of the case holds one of
 * them with the probability 1 - (1 - f)^8.
 */
const PER_CASE = 8;

/** Digests of all patches that name no case. */
const WITHOUT_CASE = 256;

/**
 * The smallest digests of each case of the training and validation splits, one after the other. A digest does not show
 * the patch or the name of its case.
 */
export function* knownPatches(dataset: Dataset): Generator<void, string> {
  const rows = [...dataset.indicesOf("train"), ...dataset.indicesOf("val")];
  const digests = yield* digestsOf(dataset, rows);
  const byCase = Map.groupBy(digests.keys(), (place) => dataset.rows[rows[place]!]!.caseId);
  const smallest = [...byCase].flatMap(([caseId, places]) => {
    const own = new Set(Array.from(places, (place) => digests[place]!.slice(0, DIGEST_LENGTH)));
    return [...own].sort().slice(0, caseId === "" ? WITHOUT_CASE : PER_CASE);
  });
  return [...new Set(smallest)].sort().join("");
}

/** Looks for known patches among these rows. */
export function* findKnown(known: string, dataset: Dataset, rows: Uint32Array): Generator<void, KnownPatches> {
  const digests = new Set(known.match(new RegExp(`.{${DIGEST_LENGTH}}`, "g")));
  const own = yield* digestsOf(dataset, rows);
  const found = [...rows].filter((_, place) => digests.has(own[place]!.slice(0, DIGEST_LENGTH)));
  const names = new Set(found.map((index) => dataset.rows[index]!.caseId));
  const named = rows.some((index) => dataset.rows[index]!.caseId !== "");
  names.delete("");
  return { compared: digests.size, patches: found.length, cases: named ? names.size : null };
}
