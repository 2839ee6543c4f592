/** What Linux says of this process, against what Node says of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { statFields, TICKS_PER_SECOND, ticksOf } from "../../src/system/process_stat.ts";

const skip = process.platform !== "linux" && "needs Linux";

test("the parent and the processor time of this process are those that Node gives", { skip }, () => {
  const fields = statFields(`/proc/${process.pid}`)!;
  assert.equal(Number(fields[1]), process.ppid);
  const { user, system } = process.cpuUsage();
  assert.ok(Math.abs(ticksOf(fields) / TICKS_PER_SECOND - (user + system) / 1e6) < 0.1);
});

test("a process that has ended has no fields", { skip }, () => {
  assert.equal(statFields("/proc/0"), undefined);
});
