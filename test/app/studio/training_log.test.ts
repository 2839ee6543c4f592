/** The log of a training from its jobs' events: curves, resumed steps, speed, folds; the story of any job. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobLine } from "../../../src/app/api/jobs.ts";
import { durationText } from "../../../src/app/look/times.ts";
import { thinnedHistory } from "../../../src/app/server/routes/runs.ts";
import { NO_STORY, withJobLine } from "../../../src/app/web/screens/jobs/job_log.ts";
import { MOST_POINTS, mergedEpochs, TrainingLog } from "../../../src/app/web/screens/runs/training_log.ts";

const step = (number: number, done: number, seconds: number, more: object = {}): JobLine => ({
  event: "progress",
  seconds,
  task: "epoch",
  number,
  of: 4,
  done,
  total: 100,
  unit: "patches",
  values: { loss: number + done / 1000, accuracy: 0.5 },
  ...more,
});
const epoch = (number: number, val_auroc = 0.9, more: object = {}): JobLine => ({
  event: "epoch",
  seconds: 0,
  epoch: number,
  loss: 1,
  accuracy: 0.5,
  val_loss: 1,
  val_accuracy: 0.5,
  val_auroc,
  learning_rate: 0.1,
  ...more,
});

test("steps lie between epochs, and speed and time left are those of the steps", () => {
  const log = new TrainingLog();
  for (const line of [step(1, 20, 1), step(1, 60, 3), epoch(1), step(2, 20, 6)]) log.take(line);
  assert.deepEqual(log.steps.x, [0.2, 0.6, 1.2]);
  assert.equal(log.patchesPerSecond, 100 / 5);
  assert.equal(log.secondsLeft, (400 - 120) / 20);
  assert.deepEqual(mergedEpochs([{ ...epochRow(1), val_auroc: null }], log), [epochRow(1)]);
});

const epochRow = (number: number) => {
  const { event: _, seconds: __, learning_rate: ___, ...row } = epoch(number) as unknown as Record<string, number>;
  return row as never as Parameters<typeof mergedEpochs>[0][number];
};

test("a resumed training repeats steps: they replace the first ones", () => {
  const log = new TrainingLog();
  for (const line of [step(1, 50, 1), epoch(1), step(2, 50, 2), step(2, 90, 3), epoch(2)]) log.take(line);
  log.beginJob();
  assert.equal(log.patchesPerSecond, null);
  for (const line of [step(2, 60, 1), step(2, 70, 2)]) log.take(line);
  assert.deepEqual(log.steps.x, [0.5, 1.5, 1.6, 1.7]);
  assert.deepEqual([...log.epochs.keys()], [1]);
  assert.equal(log.patchesPerSecond, 10);
});

test("a long training is thinned and stays in order", () => {
  const log = new TrainingLog();
  for (let number = 1; number <= 200; number++) {
    for (let done = 1; done < 100; done++) log.take(step(number, done, number * 100 + done));
  }
  const { x, loss } = log.steps;
  assert.ok(x.length > MOST_POINTS / 4 && x.length <= MOST_POINTS, String(x.length));
  assert.equal(loss.length, x.length);
  assert.ok(x.every((value, i) => i === 0 || value > x[i - 1]!));
});

test("only the events of the own fold count", () => {
  const log = new TrainingLog(2);
  for (const number of [1, 2]) log.take(epoch(1, number / 10, { fold: { number, of: 2 } }));
  log.take(step(1, 50, 1, { fold: { number: 1, of: 2 } }));
  assert.equal(log.epochs.get(1)!.val_auroc, 0.2);
  assert.deepEqual(log.steps.x, []);
});

test("the story of a job: its task with its speed, its steps, its end", () => {
  const lines: JobLine[] = [
    { event: "step", seconds: 0, status: "started", number: 1, of: 2, command: ["prepare", "cohort"] },
    step(1, 10, 1),
    step(1, 30, 3),
    { event: "step", seconds: 4, status: "done", number: 1, of: 2, verb: "prepare" },
    { event: "warning", seconds: 5, message: "The colours differ." },
  ];
  const story = lines.reduce(withJobLine, NO_STORY);
  assert.equal(story.rate, 10);
  assert.deepEqual([...story.steps.values()], [{ number: 1, of: 2, title: "prepare cohort", isDone: true }]);
  assert.deepEqual(story.warnings, ["The colours differ."]);
  assert.equal(withJobLine(story, { event: "result", seconds: 6 }).progress, null);
});

test("a history of 100,000 epochs is answered in part, with the last one and the ends of the kept ones", () => {
  const history = Array.from({ length: 100_000 }, (_, i) => ({ ...epochRow(i + 1), val_auroc: Number.NaN }) as never);
  const rows = thinnedHistory(history, [12_345, 12_346, 12_347]);
  assert.ok(rows.length <= 5002, String(rows.length));
  assert.equal(rows.at(-1)!.epoch, 100_000);
  for (const kept of [12_345, 12_347])
    assert.ok(
      rows.some(({ epoch }) => epoch === kept),
      String(kept),
    );
  assert.equal(rows[0]!.val_auroc, null);
});

test("durations", () => {
  assert.deepEqual([9.6, 200, 7500, -1].map(durationText), ["10 s", "3 min 20 s", "2 h 5 min", "0 s"]);
});
