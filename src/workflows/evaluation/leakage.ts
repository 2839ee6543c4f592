/** Checks whether evaluated patches were also used to make the model. Only reports this, and changes nothing. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { digestsOf } from "../../histology/dataset/digests.ts";
import { SPLITS, type Split } from "../../histology/dataset/split_names.ts";
import type { KnownPatches, Leakage } from "../../reports/evaluation/leakage.ts";
import { atOnce, inTurns } from "../../util/turns.ts";
import { findKnown } from "../known_patches.ts";

/** The training data of a model: the current dataset, another one, or unknown. */
export type TrainingData = "this" | "another" | "unknown";

export function trainingDataOf({ dataset_sha256 }: Pick<ModelCard, "dataset_sha256">, dataset: Dataset): TrainingData {
  if (dataset_sha256 === null) return "unknown";
  return dataset_sha256 === dataset.description.sha256.manifest ? "this" : "another";
}

const UNCHECKABLE = {
  another: "the model was trained on another dataset, whose patches are not all at hand",
  unknown: "it is not known what the model was trained on",
} as const;

/**
 * Like `findLeakage`. On another dataset it compares the split with the patches that the model's card remembers.
 * @throws the signal's reason if it is aborted.
 */
export async function leakageOf(
  card: Pick<ModelCard, "dataset_sha256" | "known_patches">,
  { dataset, split }: { readonly dataset: Dataset; readonly split: Split },
  signal: AbortSignal,
): Promise<Leakage> {
  const leakage = findLeakage(dataset, split, trainingDataOf(card, dataset));
  const known = await knownIn(card, { dataset, split }, signal);
  return leakage.checked || known === undefined ? leakage : { ...leakage, known };
}

/**
 * The patches of a split of another dataset that the model's card remembers. Undefined if the model was trained on this
 * dataset, or its card remembers none.
 * @throws the signal's reason if it is aborted.
 */
export async function knownIn(
  card: Pick<ModelCard, "dataset_sha256" | "known_patches">,
  { dataset, split }: { readonly dataset: Dataset; readonly split: Split },
  signal: AbortSignal,
): Promise<KnownPatches | undefined> {
  if (card.known_patches === undefined || trainingDataOf(card, dataset) === "this") return undefined;
  return inTurns(findKnown(card.known_patches, dataset, dataset.indicesOf(split)), signal);
}

/**
 * Compares the evaluated split with the other splits of its dataset, by case and by the SHA-256 of the records. Returns
 * a reason if no comparison is possible: the model comes from another dataset, or the split is the training split.
 */
export function findLeakage(dataset: Dataset, split: Split, trainingData: TrainingData): Leakage {
  if (trainingData !== "this") return { checked: false, reason: UNCHECKABLE[trainingData] };
  if (split === "train") return { checked: false, reason: "the model learned from these very patches" };
  const [cases, records] = [casesOf(dataset, split), splitDigests(dataset, split)];
  // The validation split chose the epoch, the temperature and the threshold. So the test split must be separate from it
  // too.
  const others = SPLITS.slice(0, SPLITS.indexOf(split));
  const overlaps = others.map((other) => {
    const otherCases = casesOf(dataset, other);
    const otherRecords = new Set(splitDigests(dataset, other));
    const named = cases.size > 0 && (otherCases.size > 0 || otherRecords.size === 0);
    return {
      split: other,
      shared_cases: named ? [...cases].filter((name) => otherCases.has(name)).length : null,
      shared_patches: records.filter((digest) => otherRecords.has(digest)).length,
    };
  });
  const found = overlaps.some(({ shared_cases, shared_patches }) => (shared_cases ?? 0) + shared_patches > 0);
  return { checked: true, overlaps, found };
}

function casesOf({ rows }: Dataset, split: Split): Set<string> {
  return new Set(rows.flatMap((row) => (row.split === split && row.caseId !== "" ? [row.caseId] : [])));
}

function splitDigests(dataset: Dataset, split: Split): string[] {
  return atOnce(digestsOf(dataset, dataset.indicesOf(split)));
}
