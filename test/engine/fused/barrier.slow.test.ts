/** The barrier of the workers: nobody passes before all have come, even if a wake-up comes late, after the change that it reports. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Barrier, CONTROL_WORDS } from "../../../src/engine/fused/barrier.ts";

/** Long enough to have looked as often as it does before it sleeps. */
const ASLEEP_MILLISECONDS = 300;

/** A thread that comes to the barrier so many times, and counts in the last word how often it passed. */
function visitor(control: Int32Array, workers: number, times: number): Worker {
  const script = `
    const { workerData } = require("node:worker_threads");
    import(workerData.module).then(({ Barrier }) => {
      const barrier = new Barrier(workerData.control, workerData.workers);
      for (let time = 0; time < workerData.times; time++) {
        barrier.wait();
        Atomics.add(workerData.control, workerData.control.length - 1, 1);
      }
    });`;
  const module = new URL("../../../src/engine/fused/barrier.ts", import.meta.url).href;
  return new Worker(script, { eval: true, workerData: { control, workers, times, module } });
}

const sharedWords = () => new Int32Array(new SharedArrayBuffer(4 * (CONTROL_WORDS + 1)));

test("a wake-up that comes late lets nobody pass", async () => {
  const control = sharedWords();
  const passed = () => Atomics.load(control, CONTROL_WORDS);
  const thread = visitor(control, 2, 1);
  const ended = once(thread, "exit");
  await once(thread, "online");
  await sleep(ASLEEP_MILLISECONDS);
  let woken = 0;
  for (let word = 0; word < CONTROL_WORDS; word++) woken += Atomics.notify(control, word);
  assert.equal(woken, 1, "it was asleep");
  await sleep(ASLEEP_MILLISECONDS);
  assert.equal(passed(), 0);
  new Barrier(control, 2).wait();
  await ended;
  assert.equal(passed(), 1);
});

test("no worker is ever a whole round ahead of another", async () => {
  const control = sharedWords();
  const rounds = 2000;
  const threads = [visitor(control, 3, rounds), visitor(control, 3, rounds)];
  const ended = threads.map((thread) => once(thread, "exit"));
  await Promise.all(threads.map((thread) => once(thread, "online")));
  const barrier = new Barrier(control, 3);
  for (let round = 1; round <= rounds; round++) {
    const before = Atomics.load(control, CONTROL_WORDS);
    assert.ok(before <= 2 * (round - 1), `round ${round}: ${before} passes`);
    barrier.wait();
  }
  await Promise.all(ended);
  assert.equal(Atomics.load(control, CONTROL_WORDS), 2 * rounds);
});
