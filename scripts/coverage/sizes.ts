/** The sizes of the cases that the package's models were evaluated on. */
import { readFileSync } from "node:fs";

/** The patches of each of the 49 cases of the subset's test part, from the table by case of a model's card. */
export function subsetSizes(card: string | URL = new URL("../../models/cancernet.md", import.meta.url)): number[] {
  return [...readFileSync(card, "utf8").matchAll(/^\| \d+ \| (\d+) \|/gm)].map(([, patches]) => Number(patches));
}
