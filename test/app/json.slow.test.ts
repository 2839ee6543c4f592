/** Every command with --json and with --events: what is on standard output is JSON alone, and holds what docs/json.md says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { RECIPES } from "../../src/options/training/recipes.ts";
import { cancernet } from "../support/command.ts";
import { useInputs } from "../support/inputs.ts";
import { NO_POSTGRES, usePostgres } from "../support/postgres.ts";
import { offer } from "../support/queue.ts";

const PAGE = readFileSync(resolve("docs", "json.md"), "utf8");
const at = useInputs(async () => {
  await cancernet(["train", at("dataset"), "--out", at("run"), ...SHORT]);
  await cancernet(["evaluate", at("run")]);
  writeFileSync(at("bad.png"), "no picture");
});
const SHORT = ["--model", "compact", "--epochs", "1", "--views", "1", "--threads", "1"];

const server = usePostgres(({ environment }) => Object.assign(process.env, environment));

/** Scores the slides by the workers of the queue. */
const byQueue = (out: string) => {
  const slides = ["slide", at("run"), at("slides"), "--scale", "1", "--out", at(out)];
  return [...slides, "--queue", "postgres", "--root", at()];
};
const WORK = () => ["work", "--until-empty", "--results", at(), "--root", at(), "--threads", "1"];
const NEEDS_POSTGRES = ["queue", "work"];

/** A command line for each row of the table of results. */
const LINES: Readonly<Record<string, () => string[] | Promise<string[]>>> = {
  prepare: () => ["prepare", at("patches"), "--out", at("again")],
  correct: () => ["correct", at("dataset"), at("journal.jsonl"), "--out", at("corrected")],
  train: () => ["train", at("dataset"), "--out", at("other"), ...SHORT],
  "train --summary": () => ["train", at("dataset"), "--summary"],
  crossvalidate: () => ["crossvalidate", at("dataset"), "--out", at("folds"), "--folds", "3", ...SHORT],
  sweep: () => ["sweep", at("dataset"), at("settings.csv"), "--out", at("rows"), "--threads", "1"],
  calibrate: () => ["calibrate", at("run"), "--out", at("calibrated.onnx")],
  "add-context": () => ["add-context", at("run"), "--out", at("neighbours.onnx")],
  import: () => ["import", at("weights.keras"), "--out", at("imported.onnx")],
  evaluate: () => ["evaluate", at("run")],
  compare: () => ["compare", at("run"), at("run")],
  probe: () => ["probe", at("dataset"), "--features", at("extractor.onnx"), "--out", at("probe")],
  predict: () => ["predict", at("run"), at("patch.png"), at("slides")],
  slide: () => ["slide", at("run"), at("slides"), "--scale", "1", "--out", at("scored")],
  gather: () => ["gather", at("scored")],
  queue: async () => {
    await offer(server(), byQueue("queued"));
    return ["queue"];
  },
  work: WORK,
  explain: () => ["explain", at("run"), at("patch.png"), "--out", at("why"), "--stride", "24", "--square", "24"],
  export: () => ["export", at("run"), "--out", at("plain.onnx")],
  demo: () => ["demo", "--out", at("demo"), "--cases", "6", "--epochs", "1"],
  doctor: () => ["doctor"],
};

/** The names in the table of results: those in backticks outside of brackets, for a command. */
function namesOf(command: string): string[] {
  const row = PAGE.split("\n").find((line) => line.startsWith(`| \`${command}\` |`)) ?? assert.fail(command);
  const text = row
    .split("|")[2]!
    .replace(/\([^()]*\)/g, "")
    .replace(/`evaluate`/g, "");
  return [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
}

const LINE_BY_LINE = ["predict", "slide"];

/** Prints no result, as it runs until it is stopped: test/app/studio/start.slow.test.ts has its events. */
const ENDLESS = "studio";

test("every command has a row", () => {
  const verbs = new Set(Object.keys(LINES).map((line) => line.split(" ")[0]));
  assert.deepEqual([...verbs, ENDLESS].sort(), COMMANDS.map(({ name }) => name).sort());
  assert.match(PAGE, /^`studio` prints no result/m);
  for (const event of ["serving", "served"]) assert.match(PAGE, new RegExp(`^\\| \`${event}\` \\| `, "m"));
});

for (const [command, line] of Object.entries(LINES)) {
  const skip = NEEDS_POSTGRES.includes(command) && NO_POSTGRES;
  test(`${command} --json prints JSON alone, with the names of docs/json.md`, { skip }, async () => {
    const { code, out, err } = await cancernet([...(await line()), "--json"]);
    assert.equal(code, 0, err);
    const values = LINE_BY_LINE.includes(command)
      ? out
          .trimEnd()
          .split("\n")
          .map((text) => JSON.parse(text))
      : [JSON.parse(out)];
    const names = namesOf(command);
    for (const value of values) {
      if (names.length > 0) {
        const expected = command === "probe" ? [...names, "folder", "page", "report"] : names;
        assert.deepEqual(Object.keys(value).sort(), expected.sort(), command);
      }
    }
    if (command === "predict") assert.equal(values.length, 3);
    if (command === "slide")
      assert.deepEqual(
        values.map(({ number }) => number),
        [1, 2],
      );
    if (command === "gather") {
      const [{ verb, result }] = values;
      assert.equal(verb, "slide");
      assert.deepEqual(Object.keys(result).sort(), namesOf("gather` of `slide").sort());
      assert.equal(result.outcomes.length, 2);
    }
    if (command === "queue") {
      const [{ works, ...others }] = values;
      const units = { waiting: 2, running: 0, done: 0, failed: 0, dead: 0, last_minute: 0 };
      assert.deepEqual(works, [{ folder: "queued", verb: "slide", ...units }]);
      const none = { action: "show", folder: null, changed: 0, troubled: [], workers: [], other_versions: [] };
      assert.deepEqual({ ...others, version: "" }, { ...none, version: "" });
    }
    if (command === "work") assert.deepEqual(values, [{ done: 2, failed: 0 }]);
  });
}

test("slide --queue --events: the units that are done; after Ctrl-C how to resume; then items in any order", {
  skip: NO_POSTGRES,
}, async () => {
  const line = [...byQueue("watched-queue"), "--events"];
  const { code, text } = await offer(server(), line);
  assert.equal(code, 130, text);
  const lines = linesOf(text.match(/^\{.*$/gm)!.join("\n"));
  const progress = lines.filter(({ event }) => event === "progress");
  for (const { task, total, unit } of progress) assert.deepEqual([task, total, unit], ["workers", 2, "units"]);
  const [resumable, failed] = lines.slice(-2);
  assert.deepEqual([resumable!.event, resumable!.command], ["resumable", null]);
  assert.deepEqual([failed!.event, failed!.code], ["failed", "stopped"]);
  const [again, worker] = await Promise.all([cancernet(line), cancernet(WORK())]);
  assert.deepEqual([again.code, worker.code], [0, 0], `${again.err}\n${worker.err}`);
  const items = linesOf(again.out).filter(({ event }) => event === "item");
  assert.deepEqual(items.map(({ item }) => (item as { number: number }).number).sort(), [1, 2]);
  const { event, result } = linesOf(again.out).at(-1)!;
  assert.equal(event, "result");
  assert.deepEqual(Object.keys(result as object).sort(), namesOf("result` of `slide").sort());
});

interface Line {
  readonly event: string;
  readonly seconds: number;
  readonly [name: string]: unknown;
}

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("train --events: started, progress with values, an epoch's row, the result; and nothing else is printed", async () => {
  const { code, out, err } = await cancernet(["train", at("dataset"), "--out", at("watched"), ...SHORT, "--events"]);
  assert.equal(code, 0, err);
  assert.equal(err, "");
  const lines = linesOf(out);
  assert.equal(lines[0]!.event, "started");
  assert.equal((lines[0]!.options as { epochs: number }).epochs, 1);
  const progress = lines.filter(({ event }) => event === "progress");
  assert.ok(progress.length > 0);
  const last = progress.at(-1)!;
  assert.deepEqual([last.task, last.number, last.of, last.unit], ["epoch", 1, 1, "patches"]);
  assert.equal(last.done, last.total);
  const [header, row] = readFileSync(at("watched", "history.csv"), "utf8").trim().split("\n");
  const epoch = lines.find(({ event }) => event === "epoch")!;
  assert.deepEqual(
    [...header!.split(",").map((name) => epoch[name] ?? name)],
    [...row!.split(",").slice(0, -1).map(Number), "kept"],
  );
  assert.ok(row!.endsWith(`,${RECIPES.default.keep}`), row);
  assert.deepEqual(Object.keys(last.values as object), ["loss", "accuracy", "val_loss", "val_accuracy", "val_auroc"]);
  const result = lines.at(-1)!;
  assert.equal(result.event, "result");
  assert.equal((result.result as { folder: string }).folder, at("watched"));
  for (const [place, { seconds }] of lines.entries()) assert.ok(place === 0 || seconds >= lines[place - 1]!.seconds);
  const events = new Set([...PAGE.matchAll(/^\| `(\w+)` \| /gm)].map(([, name]) => name));
  for (const { event } of lines) assert.ok(events.has(event), event);
});

test("--events with --json: the result on standard output, the events on standard error", async () => {
  const { code, out, err } = await cancernet(["predict", at("run"), at("patch.png"), "--events", "--json"]);
  assert.equal(code, 0, err);
  assert.deepEqual(Object.keys(JSON.parse(out)), ["file", "probability", "label", "threshold"]);
  assert.deepEqual(
    linesOf(err).map(({ event }) => event),
    ["started", "item", "result"],
  );
});

test("what fails is printed last, and as a sentence too; what was read stays", async () => {
  const { code, out, err } = await cancernet(["predict", at("run"), at("patch.png"), at("bad.png"), "--events"]);
  assert.equal(code, 2);
  const lines = linesOf(out);
  assert.deepEqual(
    lines.map(({ event }) => event),
    ["started", "warning", "item", "result", "failed"],
  );
  assert.equal(lines.at(-1)!.code, "images-failed");
  assert.match(err, /^cancernet: 1 of 2 images could not be read/);
  const wrong = await cancernet(["predict", at("run"), at("patch.png"), "--threads", "0", "--events"]);
  assert.equal(wrong.code, 2);
  const [failure, ...others] = linesOf(wrong.out);
  assert.deepEqual([failure!.event, failure!.code, others], ["failed", "option-invalid", []]);
  const missing = linesOf((await cancernet(["predict", at("nowhere"), at("patch.png"), "--events"])).out);
  assert.deepEqual(
    missing.map(({ event, code }) => code ?? event),
    ["started", "model-missing"],
  );
});

test("a process that is stopped says so in its last line", {
  skip: process.platform === "win32" && "Windows knows no signals",
}, () => {
  const main = resolve("src", "app", "cli", "main.ts");
  const words = ["train", at("dataset"), "--out", at("stopped"), ...SHORT, "--epochs", "50", "--events"];
  const program = `process.on("exit", () => {}); setTimeout(() => process.kill(process.pid, "SIGINT"), 4000);`;
  const url = `data:text/javascript,${encodeURIComponent(program)}`;
  const { status, stdout } = spawnSync(process.execPath, ["--import", url, main, ...words], { encoding: "utf8" });
  assert.equal(status, 130);
  const lines = linesOf(stdout);
  assert.deepEqual(
    lines.slice(-3).map(({ event }) => event),
    ["kept", "resumable", "failed"],
  );
  assert.deepEqual(lines.at(-2)!.command, ["train", "--resume", at("stopped")]);
  assert.equal(lines.at(-1)!.code, "stopped");
});
