/** Limits of time on machines that are shared. */
import assert from "node:assert/strict";

const TRIES = 3;

/**
 * Measures up to three times, until a time is below the limit, and returns that time. On a virtual machine the time of other
 * machines counts as processor time; what is slow by itself is slow each time. Fails if no time is below the limit.
 */
export async function staysBelow(limit: number, measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (;;) {
    const time = await measure();
    if (time < limit) return time;
    times.push(time);
    assert.ok(times.length < TRIES, `${times.join(", ")} ms, expected less than ${limit}`);
  }
}
