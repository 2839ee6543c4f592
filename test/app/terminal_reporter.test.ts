/** The terminal's reporter, with streams and a clock of our own and a small terminal that carries out what is written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TerminalReporter } from "../../src/app/cli/terminal_reporter.ts";

/** What a terminal shows after the text: "\r", "\n", erase line and erase to the end of the line. */
function screen(text: string): string[] {
  const lines = [""];
  let column = 0;
  const marked = text.replaceAll("\u001b[2K", "\f").replaceAll("\u001b[K", "\v");
  for (const [token] of marked.matchAll(/[\f\v\r\n]|[^\f\v\r\n]+/g)) {
    const line = lines.at(-1)!;
    if (token === "\r") column = 0;
    else if (token === "\n") column = lines.push("") * 0;
    else if (token === "\f") lines[lines.length - 1] = "";
    else if (token === "\v") lines[lines.length - 1] = line.slice(0, column);
    else {
      lines[lines.length - 1] = line.slice(0, column).padEnd(column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return lines;
}

function setUp({ live = true, columns = 62, stdoutIsTTY = true } = {}) {
  const clock = { now: 0 };
  const told = { out: "", err: "", both: "" };
  const stream = (key: "out" | "err", isTTY: boolean) => ({
    isTTY,
    columns,
    write(text: string) {
      told[key] += text;
      if (isTTY) told.both += text;
    },
  });
  const reporter = new TerminalReporter({
    stdout: stream("out", stdoutIsTTY),
    stderr: stream("err", live),
    live,
    nowMilliseconds: () => clock.now,
  });
  const at = (
    seconds: number,
    done: number,
    more: { task?: string; details?: string[]; total?: number } = {},
  ): void => {
    clock.now = seconds * 1000;
    reporter.show({ task: "Packing", total: 1000, unit: "patches", done, ...more });
  };
  return { reporter, told, at, clock };
}

test("live: results and warnings stand above one line, which stays complete at the end", () => {
  const { reporter, told, at } = setUp();
  at(0, 0);
  at(1, 100);
  reporter.info("a result");
  at(2, 300);
  reporter.warn("one patch is truncated");
  assert.deepEqual(screen(told.both), [
    "a result",
    "warning: one patch is truncated",
    "Packing    300/1,000 [===>.......]  150 patches/s  ETA 0:05",
  ]);
  at(4, 1000);
  reporter.info("1,000 patches packed");
  reporter.close();
  assert.deepEqual(screen(told.both), [
    "a result",
    "warning: one patch is truncated",
    "Packing  1,000/1,000 [===============]  250 patches/s  0:04",
    "1,000 patches packed",
    "",
  ]);
  assert.equal(told.out, "a result\n1,000 patches packed\n");
});

test("live: it is redrawn at most ten times a second, and always at the end", () => {
  const { told, at } = setUp();
  for (let step = 0; step <= 1000; step++) at(step / 1000, step);
  const draws = told.err.split("\r").length - 1;
  assert.ok(draws >= 10 && draws <= 12, `${draws} draws in one second`);
  assert.match(screen(told.err).at(-1)!, /1,000\/1,000/);
});

test("live: a finished task keeps its line and its rate, an unfinished one gives way", () => {
  const { reporter, told, at } = setUp({ columns: 100 });
  at(0, 0, { task: "Epoch 1/2" });
  at(10, 1000, { task: "Epoch 1/2" });
  at(10, 0, { task: "Validation" });
  at(12, 500, { task: "Validation" });
  at(13, 1000, { task: "Epoch 1/2", details: ["val_loss 0.3"] });
  at(14, 0, { task: "Epoch 2/2" });
  reporter.close();
  const bar = `[${"=".repeat(30)}]`;
  assert.deepEqual(screen(told.err), [
    `Epoch 1/2  1,000/1,000 ${bar}  100 patches/s  0:10`,
    `Epoch 1/2  1,000/1,000 ${bar}  100 patches/s  0:10  val_loss 0.3`,
    `Epoch 2/2      0/1,000 [>${".".repeat(29)}]`,
    "",
  ]);
});

test("live: a task that starts over is timed anew", () => {
  const { told, at } = setUp({ columns: 100 });
  at(0, 0);
  at(10, 1000);
  at(100, 0);
  at(101, 500);
  assert.match(screen(told.err).at(-1)!, /500\/1,000 .* 500 patches\/s {2}ETA 0:01$/);
});

test("live: what no longer fits into one line at the end goes on in the next, and the next task begins below", () => {
  const { reporter, told, at } = setUp({ columns: 60 });
  at(0, 0, { task: "Epoch 1/2" });
  at(1, 500, { task: "Epoch 1/2", details: ["loss 0.4120", "accuracy 0.8123"] });
  assert.deepEqual(screen(told.err), ["Epoch 1/2    500/1,000  ETA 0:01  loss 0.4120"]);
  at(10, 1000, { task: "Epoch 1/2", details: ["loss 0.4120", "accuracy 0.8123", "val loss 0.3", "val AUROC 0.9123"] });
  at(11, 0, { task: "Epoch 2/2" });
  reporter.close();
  assert.deepEqual(screen(told.err), [
    "Epoch 1/2  1,000/1,000  0:10  loss 0.4120",
    "    accuracy 0.8123  val loss 0.3  val AUROC 0.9123",
    "Epoch 2/2      0/1,000 [>.............................]",
    "",
  ]);
});

test("a terminal is shown what would control it; a file gets results as they are", () => {
  const hostile = "a\u001b[2Jb\u009bc\u007fd\u202ee\u2028f\tg\nh";
  const shown = "a\\u001b[2Jb\\u009bc\\u007fd\\u202ee\\u2028f\\tg\\nh";
  for (const stdoutIsTTY of [true, false]) {
    const { reporter, told, at } = setUp({ stdoutIsTTY, columns: 200 });
    reporter.info(hostile);
    reporter.warn(hostile);
    at(0, 1000, { task: hostile, details: [hostile] });
    reporter.note("an error\n  at \u001b[2J");
    assert.equal(told.out, stdoutIsTTY ? `${shown}\n` : `${hostile}\n`);
    const lines = screen(told.err);
    assert.match(lines[0]!, /^warning: a\\u001b\[2Jb\\u009bc\\u007fd\\u202ee\\u2028f\\tg h$/);
    assert.ok(lines[1]!.startsWith(shown) && lines[1]!.endsWith(shown), lines[1]);
    assert.deepEqual(lines.slice(2), ["an error", "  at \\u001b[2J", ""]);
  }
});

test("live: the terminal's width is asked for at each drawing and never filled to the last column", () => {
  for (const columns of [5, 20, 40, 80]) {
    const { told, at } = setUp({ columns });
    at(0, 0);
    at(1, 500, { details: ["loss 0.4120", "accuracy 0.8123", "val_loss 0.5", "val_accuracy 0.8"] });
    for (const line of screen(told.err))
      assert.ok(line.length + 2 < columns || line === "…", `"${line}" in ${columns} columns`);
  }
});

test("live on stderr, results into a file: the file holds nothing but results", () => {
  const { reporter, told, at } = setUp({ stdoutIsTTY: false });
  at(0, 0);
  reporter.info("a result");
  assert.equal(told.out, "a result\n");
  assert.doesNotMatch(told.err, /result/);
});

test("log: a line a minute and one at the end, none on stdout, no control characters", () => {
  const { reporter, told, at } = setUp({ live: false });
  for (let second = 0; second <= 150; second += 6) at(second, (second / 6) * 40);
  at(150, 1000);
  reporter.warn("careful");
  reporter.close();
  assert.deepEqual(told.err.split("\n"), [
    "Packing  400/1,000 patches  6.7 patches/s  ETA 1:30",
    "Packing  800/1,000 patches  6.7 patches/s  ETA 0:30",
    "Packing  1,000/1,000 patches  6.7 patches/s  2:30",
    "warning: careful",
    "",
  ]);
  assert.equal(told.out, "");
});

test("log: a short task is one line, two tasks in turn do not disturb each other", () => {
  const { told, at } = setUp({ live: false });
  for (let second = 0; second <= 72; second += 6) {
    at(second, second / 6, { task: "A" });
    at(second, second / 6, { task: "B", total: 12 });
  }
  assert.deepEqual(told.err.split("\n"), [
    "A  10/1,000 patches  0.2 patches/s  ETA 1:39:00",
    "B  10/12 patches  0.2 patches/s  ETA 0:12",
    "B  12/12 patches  0.2 patches/s  1:12",
    "",
  ]);
});
