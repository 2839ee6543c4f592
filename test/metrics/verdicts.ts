/** Verdicts on labels, made for the tests of the share of wrong labels. */
import type { Verdict } from "../../src/metrics/label_error_rate.ts";
import { RandomStream } from "../../src/system/random.ts";

/** Cases that differ in how many labels are wrong, 10 % on average; a few patches are left open. */
export function verdictsOf(seed: number, cases: number): Verdict[] {
  const stream = new RandomStream(seed, "verdicts");
  return Array.from({ length: cases }, (_, i) => {
    const share = stream.uniform() < 0.5 ? 0.02 : 0.18;
    return Array.from({ length: 2 + stream.integer(6) }, (): Verdict => {
      const label = stream.integer(2) as 0 | 1;
      const wrong = stream.uniform() < share;
      const verdict = stream.uniform() < 0.1 ? null : ((wrong ? 1 - label : label) as 0 | 1);
      return { case: `case ${i}`, label, verdict };
    });
  }).flat();
}
