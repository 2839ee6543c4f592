/** Every verb with a file or folder as output: what exists is kept, links and inputs are refused, and nothing is half-written. */

import assert from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { publishFile, requireOutputFile } from "../../src/system/output_file.ts";
import { cancernet } from "../support/command.ts";
import { useInputs } from "../support/inputs.ts";
import { smallJournal } from "../support/journal.ts";
import { type Refusal, refused } from "../support/refused.ts";

const at = useInputs(() => smallJournal(at("journal.jsonl"), at("dataset")));

/** A command line without its output, the option that names the output, and the files that it reads. */
interface Verb {
  readonly flag: string;
  readonly args: () => string[];
  readonly inputs?: () => string[];
}

const dataset = () => ["dataset.json", "manifest.csv", "patches.bin"].map((name) => at("dataset", name));

const FILES: Record<string, Verb> = {
  calibrate: {
    flag: "--out",
    args: () => ["calibrate", at("model.onnx"), "--dataset", at("dataset")],
    inputs: () => [at("model.onnx"), ...dataset()],
  },
  "add-context": {
    flag: "--out",
    args: () => ["add-context", at("model.onnx"), "--dataset", at("dataset")],
    inputs: () => [at("model.onnx"), ...dataset()],
  },
  export: { flag: "--out", args: () => ["export", at("model.onnx")], inputs: () => [at("model.onnx")] },
  import: { flag: "--out", args: () => ["import", at("weights.keras")], inputs: () => [at("weights.keras")] },
  "train --plot": {
    flag: "--plot",
    args: () => ["train", at("dataset"), "--out", at("run"), "--model", "compact", "--epochs", "1", "--views", "1"],
    inputs: () => [...dataset(), at("run", "model.onnx"), at("run", "history.csv")],
  },
};

const FOLDERS: Record<string, Verb> = {
  prepare: { flag: "--out", args: () => ["prepare", at("patches")] },
  "prepare --folders": { flag: "--folders", args: () => ["prepare", at("patches"), "--out", at("new")] },
  correct: { flag: "--out", args: () => ["correct", at("dataset"), at("journal.jsonl")] },
  train: { flag: "--out", args: () => ["train", at("dataset")] },
  crossvalidate: { flag: "--out", args: () => ["crossvalidate", at("dataset"), "--folds", "3"] },
  sweep: { flag: "--out", args: () => ["sweep", at("dataset"), at("settings.csv")] },
  evaluate: { flag: "--out", args: () => ["evaluate", at("model.onnx"), "--dataset", at("dataset")] },
  probe: { flag: "--out", args: () => ["probe", at("dataset"), "--features", at("extractor.onnx")] },
  slide: { flag: "--out", args: () => ["slide", at("model.onnx"), at("slides", "one.png")] },
  "slide, several": { flag: "--out", args: () => ["slide", at("model.onnx"), at("slides")] },
  explain: { flag: "--out", args: () => ["explain", at("model.onnx"), at("patch.png")] },
  "export --page": { flag: "--page", args: () => ["export", at("model.onnx")] },
  demo: { flag: "--out", args: () => ["demo"] },
};

/** A place in a folder that goes when the test ends, with what the test has made beside it. */
function play(t: TestContext): (name: string) => string {
  mkdirSync(at("play"));
  t.after(() => {
    for (const name of ["play", "new", "run"]) rmSync(at(name), { recursive: true, force: true });
  });
  return (name) => at("play", name);
}

/** Runs a command that must be refused by one sentence, and leaves everything as it was. */
async function refuses(args: readonly string[], refusal: Refusal): Promise<void> {
  const folder = dirname(at("patches"));
  const before = readdirSync(folder, { recursive: true }).sort();
  const { code, out, err, error } = await cancernet(args);
  assert.deepEqual([code, out, err.trimEnd().split("\n").length], [2, "", 1], `${args.join(" ")}\n${err}`);
  refusal(error);
  assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), before, args.join(" "));
}

test("every output of every verb stands in the tables above", async () => {
  const outputs: string[] = [];
  for (const { name, load } of COMMANDS) {
    const { options } = await load();
    for (const option of ["out", "folders", "plot", "page"]) {
      if (option in options.shape) outputs.push(option === "out" ? name : `${name} --${option}`);
    }
    const { overwrite } = options.shape as Record<string, { description?: string }>;
    const writesFile = Object.keys(FILES).some((verb) => verb.split(" ")[0] === name);
    assert.equal(overwrite !== undefined, writesFile, `${name} has --overwrite if it writes a file`);
    if (overwrite) assert.match(overwrite.description!, /^Replace the output file if it exists/);
  }
  const tested = [...Object.keys(FILES), ...Object.keys(FOLDERS)].filter((verb) => verb !== "slide, several");
  assert.deepEqual(outputs.sort(), tested.sort());
  const table = readFileSync(resolve("docs/reliability.md"), "utf8");
  for (const verb of tested) {
    const output = verb.includes("--") ? verb : `${verb} --out`;
    assert.match(table, new RegExp(`^\\|.*\`${output}\``, "m"), output);
  }
});

for (const [verb, { flag, args, inputs }] of Object.entries(FILES)) {
  test(`${verb}: a file that exists is kept, and replaced by a whole one with --overwrite`, async (t) => {
    const path = play(t)("mine");
    writeFileSync(path, "mine");
    await refuses([...args(), flag, path], refused("output-exists", "mine exists"));
    assert.equal(readFileSync(path, "utf8"), "mine");
    const { code, err } = await cancernet([...args(), flag, path, "--overwrite"]);
    assert.equal(code, 0, err);
    assert.ok(readFileSync(path).length > 1000);
  });

  test(`${verb}: a link, a folder, a name with a slash and an input are refused, with --overwrite too`, async (t) => {
    const my = play(t);
    writeFileSync(my("target"), "mine");
    symlinkSync(my("target"), my("link"));
    symlinkSync(my("nothing"), my("dangling"));
    for (const overwrite of [[], ["--overwrite"]]) {
      const write = (path: string) => [...args(), flag, path, ...overwrite];
      await refuses(write(my("link")), refused("path-is-link", /link is a link to .*target/));
      await refuses(write(my("dangling")), refused("path-is-link", /dangling is a link to .*nothing/));
      await refuses(write(at("slides")), refused("path-is-folder", "slides"));
      await refuses(write(`${at("new")}/`), refused("path-is-folder", "new/"));
      for (const input of inputs?.() ?? []) {
        await refuses(write(input), refused("output-overlaps", basename(input)));
      }
    }
    const input = inputs!()[0]!;
    linkSync(input, my("second-name"));
    await refuses([...args(), flag, my("second-name"), "--overwrite"], refused("output-overlaps", "second-name"));
  });
}

for (const [verb, { flag, args }] of Object.entries(FOLDERS)) {
  test(`${verb}: a folder that holds files, a file and a link are refused`, async (t) => {
    const my = play(t);
    mkdirSync(my("full"));
    writeFileSync(my("full/keep.txt"), "mine");
    mkdirSync(my("empty"));
    symlinkSync(my("empty"), my("link"));
    symlinkSync(my("nothing"), my("dangling"));
    const write = (path: string) => [...args(), flag, path];
    await refuses(write(my("full")), refused("output-exists", "full"));
    await refuses(write(`${my("full")}/`), refused("output-exists", "full/"));
    await refuses(write(at("patch.png")), refused("path-is-file", "patch.png"));
    await refuses(write(at("patch.png", "new")), refused("path-invalid", "patch.png"));
    for (const slash of ["", "/"]) {
      await refuses(write(my("link") + slash), refused("path-is-link", /link is a link to .*empty/));
      await refuses(write(my("dangling") + slash), refused("path-is-link", /dangling is a link to .*nothing/));
    }
    // Of train it is an option, for --plot, and of export for --out: the folder itself is never replaced.
    const code = verb === "export --page" ? "options-conflict" : "option-unknown";
    if (verb !== "train") await refuses([...write(at("new")), "--overwrite"], refused(code, "--overwrite"));
  });
}

test("a file that comes up while the work is done is kept", async (t) => {
  const my = play(t);
  const output = { path: my("race"), flag: "--out", overwrite: false };
  await requireOutputFile(output, [], assert.fail);
  writeFileSync(my("race"), "mine");
  await assert.rejects(publishFile(output, "new"), refused("output-exists", "race"));
  assert.equal(readFileSync(my("race"), "utf8"), "mine");
  await publishFile({ ...output, overwrite: true }, "new");
  assert.equal(readFileSync(my("race"), "utf8"), "new");
  assert.deepEqual(
    readdirSync(dirname(my("race"))).filter((name) => name.startsWith(".")),
    [],
  );
});

test("a trailing slash and folders that do not exist yet are right", async (t) => {
  const my = play(t);
  assert.equal((await cancernet(["prepare", at("patches"), "--out", `${my("a/b/dataset")}/`])).code, 0);
  assert.deepEqual(readdirSync(my("a/b")), ["dataset"]);
  const { code, err } = await cancernet(["export", at("model.onnx"), "--out", my("a/c/d/model.onnx")]);
  assert.equal(code, 0, err);
});

test("an output in the source of prepare is refused", async () => {
  await refuses(["prepare", at("patches"), "--out", at("patches", "dataset")], refused("output-overlaps", "--out"));
  const folders = ["--folders", at("patches", "deep", "tree")];
  await refuses(["prepare", at("patches"), "--out", at("new"), ...folders], refused("output-overlaps", "--folders"));
});

test("a summary of other slides is kept", async (t) => {
  const my = play(t);
  const slide = (...paths: string[]) => ["slide", at("model.onnx"), ...paths, "--out", my("many")];
  writeFileSync(my("three.png"), readFileSync(at("slides", "one.png")));
  assert.equal((await cancernet(slide(at("slides")))).code, 0);
  await refuses(
    slide(at("slides", "one.png"), my("three.png")),
    refused("output-mismatch", /many holds two, which is not among what was given/),
  );
  assert.equal((await cancernet(slide(at("slides"), my("three.png")))).code, 0);
  writeFileSync(my("many/slides.csv"), "slide\nmine\n");
  await refuses(slide(at("slides")), refused("output-mismatch", "slides.csv"));
});

test("gather writes into a folder of results only, and keeps a table that is not its own", async (t) => {
  const my = play(t);
  mkdirSync(my("other"));
  writeFileSync(my("other/keep.txt"), "mine");
  await refuses(["gather", my("other")], refused("results-missing", "other"));
  await refuses(["gather", my("nothing")], refused("results-missing", "nothing"));
  await refuses(["gather", at("patch.png")], refused("results-missing", "patch.png"));
  const shard = ["slide", at("model.onnx"), at("slides"), "--out", my("many"), "--shard", "1/1"];
  assert.equal((await cancernet(shard)).code, 0);
  writeFileSync(my("many/slides.csv"), "slide\nmine\n");
  await refuses(["gather", my("many")], refused("output-mismatch", "slides.csv"));
  assert.equal(readFileSync(my("many/slides.csv"), "utf8"), "slide\nmine\n");
  rmSync(my("many/slides.csv"));
  writeFileSync(my("target"), "mine");
  symlinkSync(my("target"), my("many/slides.csv"));
  const { code, err } = await cancernet(["gather", my("many")]);
  assert.equal(code, 2, err);
  assert.equal(readFileSync(my("target"), "utf8"), "mine");
});
