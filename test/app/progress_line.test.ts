/** The progress line: its numbers by hand, its layout at every width. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  clockText,
  finishedLines,
  isComplete,
  logLine,
  progressLine,
  type TaskState,
} from "../../src/app/cli/progress_line.ts";
import { widthOf } from "../../src/util/terminal_text.ts";

/** What an epoch's line says when it has been validated. */
const VALUES = ["loss 0.4120", "accuracy 0.8123", "val loss 0.3912", "val accuracy 0.8345", "val AUROC 0.9123"];

function state(overrides: Partial<TaskState["progress"]> = {}, elapsedSeconds = 10, doneAtStart = 0): TaskState {
  return {
    progress: { task: "Epoch 3/10", done: 6_120, total: 16_632, unit: "patches", ...overrides },
    elapsedSeconds,
    doneAtStart,
  };
}

test("rate and time left follow from done, total and time: 612/s, (16632 - 6120) / 612 = 17.18 s", () => {
  assert.equal(
    progressLine(state(), 100),
    "Epoch 3/10   6,120/16,632 [===========>..................]  612 patches/s  ETA 0:17",
  );
});

test("the detail stands behind the bar, as in Keras", () => {
  assert.equal(
    progressLine(state({ details: ["loss 0.4120", "accuracy 0.8123"] }), 120),
    "Epoch 3/10   6,120/16,632 [===========>..................]  612 patches/s  ETA 0:17  loss 0.4120  accuracy 0.8123",
  );
});

test("the end shows the time taken instead of the time left", () => {
  assert.equal(
    progressLine(state({ done: 16_632 }, 27.18), 100),
    "Epoch 3/10  16,632/16,632 [==============================]  612 patches/s  0:27",
  );
});

test("work done before a resumption does not count for the rate: (6120 - 5120) / 10 = 100/s", () => {
  assert.match(progressLine(state({}, 10, 5_120), 100), / 100 patches\/s {2}ETA 1:45$/);
});

test("if room is short the bar shrinks, then the rate goes, then the bar, then the last values", () => {
  const detailed = state({ details: ["loss 0.4120", "accuracy 0.8123"] });
  assert.equal(
    progressLine(detailed, 99),
    "Epoch 3/10   6,120/16,632 [=====>..........]  612 patches/s  ETA 0:17  loss 0.4120  accuracy 0.8123",
  );
  assert.equal(
    progressLine(detailed, 79),
    "Epoch 3/10   6,120/16,632 [====>......]  ETA 0:17  loss 0.4120  accuracy 0.8123",
  );
  assert.equal(progressLine(detailed, 67), "Epoch 3/10   6,120/16,632  ETA 0:17  loss 0.4120  accuracy 0.8123");
  assert.equal(progressLine(detailed, 40), "Epoch 3/10   6,120/16,632  ETA 0:17");
});

for (const columns of [160, 100, 80, 60, 40]) {
  test(`a finished epoch shows every value in ${columns} columns, none of them broken`, () => {
    for (const task of ["Epoch 3/10", "Fold 5/10, Epoch 20/20"]) {
      const done = state({ task, done: 16_632, details: VALUES });
      const lines = finishedLines(done, columns - 3);
      for (const value of [task, "16,632/16,632", "0:10", ...VALUES]) {
        assert.equal(lines.filter((line) => line.split(/ {2,}| \[/).includes(value)).length, 1, value);
      }
      assert.ok(lines.every((line) => widthOf(line) <= columns - 3));
    }
  });
}

test("a finished epoch at 80 columns, and one that fits into its line", () => {
  const done = state({ done: 16_632, details: VALUES });
  assert.deepEqual(finishedLines(done, 77), [
    "Epoch 3/10  16,632/16,632  0:10  loss 0.4120  accuracy 0.8123",
    "    val loss 0.3912  val accuracy 0.8345  val AUROC 0.9123",
  ]);
  assert.deepEqual(finishedLines(done, 160), [progressLine(done, 160)]);
});

test("a long name loses its middle, so that the numbers stay", () => {
  const long = state({ task: `Scoring ${"slide-".repeat(20)}7.svs` });
  assert.equal(progressLine(long, 57), "Scoring slide-sl\u2026ide-slide-7.svs   6,120/16,632  ETA 0:17");
  assert.ok(finishedLines(long, 57).at(-1)!.endsWith("ETA 0:17"));
});

test("a Chinese character takes two columns, and none is cut in half", () => {
  const line = progressLine(state({ task: "\u5207\u7247".repeat(20) }), 57);
  assert.ok(widthOf(line) <= 57);
  assert.match(line, /^[\u5207\u7247]+\u2026[\u5207\u7247]+ {3}6,120\/16,632 {2}ETA 0:17$/);
});

test("a task of unknown length shows what is done", () => {
  assert.equal(progressLine(state({ total: 0 }), 80), "Epoch 3/10  6,120 patches  612 patches/s  0:10");
  assert.equal(isComplete(state({ total: 0 }).progress), false);
});

test("no rate, no time left and no NaN before time has passed", () => {
  assert.equal(progressLine(state({ done: 0 }, 0), 60), "Epoch 3/10       0/16,632 [>.............................]");
});

test("line ends and control characters in names cannot break the line", () => {
  const line = progressLine(state({ task: "a\n\u001b[2Jb", details: ["x\ty\r"] }), 200);
  assert.match(line, /^a\\n\\u001b\[2Jb {2}/);
  assert.match(line, / {2}x\\ty\\r$/);
});

test("a log line needs no bar", () => {
  assert.equal(
    logLine(state({ details: ["loss 0.4120"] })),
    "Epoch 3/10  6,120/16,632 patches  612 patches/s  ETA 0:17  loss 0.4120",
  );
});

test("times are written as clocks", () => {
  assert.deepEqual([0, 9.4, 59.6, 723, 3_723, 90_000].map(clockText), [
    "0:00",
    "0:09",
    "1:00",
    "12:03",
    "1:02:03",
    "25:00:00",
  ]);
});

test("property: no line is longer than its room, and a bar is as full as the work", () => {
  fc.assert(
    fc.property(
      fc.record({
        done: fc.nat(60_000),
        total: fc.nat(50_000),
        width: fc.integer({ min: 1, max: 200 }),
        seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
        details: fc.array(fc.string()),
      }),
      ({ done, total, width, seconds, details }) => {
        const line = progressLine(state({ done, total, details }, seconds), width);
        assert.ok(widthOf(line) <= width, `${widthOf(line)} > ${width}`);
        const finished = finishedLines(state({ done, total, details }, seconds), width);
        assert.ok(finished.every((one) => widthOf(one) <= width));
        const bar = /\[(=*)(>?)(\.*)\]/.exec(progressLine(state({ done, total }, seconds), width));
        if (bar && total > 0 && done <= total) {
          const length = bar[0].length - 2;
          assert.equal(bar[1]!.length, Math.floor((done / total) * length));
        }
      },
    ),
  );
});
