/** Synthetic patches for the tests of "explain": drawn in memory, half of them tumour. */
import { cutPatches, planCases, renderCase, type SyntheticPatch } from "../../src/histology/synthetic/cohort.ts";

const SEED = 1;

/** The first whole patches of each label in a small cohort. */
export function syntheticPatches(ofEach: number): SyntheticPatch[] {
  const found: SyntheticPatch[][] = [[], []];
  for (const plan of planCases({ seed: SEED, cases: 6, patchesPerCase: 30 })) {
    for (const patch of cutPatches(renderCase(SEED, plan), plan.caseId)) {
      const alike = found[patch.label]!;
      // One in three, so that they are no neighbours.
      if (patch.width === 50 && patch.height === 50 && patch.x % 3 === 0) alike.push(patch);
    }
  }
  return found.flatMap((alike) => alike.slice(0, ofEach));
}

/** A larger picture: a synthetic case whole. */
export function syntheticCase() {
  const [plan] = planCases({ seed: SEED, cases: 6, patchesPerCase: 30 });
  return renderCase(SEED, plan!);
}
