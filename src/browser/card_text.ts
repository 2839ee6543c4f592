/** A model's card as text for a page. The cards of the package's models, with their figures, are in models/. */
import { type ModelCard, recordSideOf } from "../artifacts/model_card.ts";
import { counted } from "../util/numbers.ts";

/** The facts in a model file as lines "name: value", beginning with the research-use notice. */
export function cardText(card: ModelCard, sha256: string): string {
  const {
    class_names: [negative, positive],
    threshold,
    threshold_rule: rule,
    temperature,
    neighbourhood,
  } = card;
  const side = recordSideOf(card);
  const lines: [string, string | number | null][] = [
    ["architecture", card.model],
    ["classes", `${negative}, ${positive}; the probability is that of ${positive}`],
    ["patches", `${side} x ${side} pixels; other sizes are scaled by nearest neighbour`],
    ["averaged", counted(card.views, "view")],
    ["threshold", `${threshold} (rule: ${rule})`],
    ["temperature", temperature],
    ...(neighbourhood
      ? [["neighbours", "weights are in the file; here each picture is judged alone"] as [string, string]]
      : []),
    ["recipe", card.recipe],
    ["epoch", card.epoch],
    ["seed", card.seed],
    ["SHA-256 of the training's manifest", card.dataset_sha256],
    ["software", card.software],
    ["SHA-256 of the file", sha256],
  ];
  return [card.notice, ...lines.map(([name, value]) => `${name}: ${value ?? "unknown"}`)].join("\n");
}
