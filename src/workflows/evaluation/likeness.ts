/** Compares the evaluated cases with the training's cases that the model file describes. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { PATCH_STATISTICS } from "../../histology/image/patch_statistics.ts";
import { distanceFrom } from "../../metrics/case_distribution.ts";
import { chanceOf, expectedShare, UNLIKE_CHANCE } from "../../metrics/likeness.ts";
import type { Likeness } from "../../reports/evaluation/likeness.ts";
import { inTurns } from "../../util/turns.ts";
import { caseMoments, casesOf } from "../case_statistics.ts";

/**
 * @param features float32 [rows, axes]: the model's output `features`
 * @throws the signal's reason if it is aborted.
 */
export async function likenessOf(
  { training_cases: reference }: Pick<ModelCard, "training_cases">,
  { dataset, rows, features }: { dataset: Dataset; rows: Uint32Array; features: Float32Array },
  signal: AbortSignal,
): Promise<Likeness> {
  if (reference === undefined) return { examined: false, reason: "model" };
  const isKnown = reference.patch_statistics.join() === PATCH_STATISTICS.join();
  if (!isKnown || features.length !== rows.length * reference.features) return { examined: false, reason: "version" };
  const sampled = casesOf(dataset, rows, reference.patches_per_case);
  if (sampled.size === 0) return { examined: false, reason: "unnamed" };
  const steps = caseMoments({ dataset, rows, sampled }, { axes: reference.features, data: features });
  const moments = await inTurns(steps, signal);
  const cases = [...sampled.keys()].map((name, place) => {
    const distance = distanceFrom(reference, moments[place]!);
    return { case: name, patches: moments[place]!.count, distance, beyond: !(distance <= reference.limit) };
  });
  const beyond = cases.filter((one) => one.beyond).length;
  const chance = chanceOf(beyond, cases.length, reference.cases);
  return {
    examined: true,
    training_cases: reference.cases,
    limit: reference.limit,
    expected_share: expectedShare(reference.cases),
    beyond,
    share: beyond / cases.length,
    p_value: chance,
    unlike: chance < UNLIKE_CHANCE,
    cases,
  };
}
