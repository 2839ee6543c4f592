/** The sizes of the cases that the package's models were evaluated on. */
import { readFileSync } from "node:fs";

/** The number of patches of each of the 49 test cases of the subset, read from the table of cases in a model card. */
export function subsetSizes(card: string | URL = new URL("../../models/cancernet.md", import.meta.url)): number[] {
  return [...readFileSync(card, "utf8").matchAll(/^\| \d+ \| (\d+) \|/gm)].map(([, patches]) => Number(patches));
}
