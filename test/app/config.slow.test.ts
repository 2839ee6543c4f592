/** One configuration file for the real program: from patches to a trained model and its report, in JSON, YAML and TypeScript. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { drawCohort } from "../support/cohort.ts";
import { program } from "../support/command.ts";
import { jsonOf, useFolder } from "../support/folder.ts";

const at = useFolder("config");
before(async () => {
  await drawCohort(at);
});

/** What the configuration says, for a folder beside the patches. */
const CONFIG = {
  shared: { seed: 7, threads: 1 },
  prepare: { source: "../patches", out: "dataset", trainShare: 0.75, validationShare: 0.2 },
  train: {
    dataset: "dataset",
    out: "run",
    recipe: "tutorial",
    model: "compact",
    epochs: 1,
    rotation: 10,
    fill: "reflect",
  },
  evaluate: { model: "run" },
};

const cancernet = (folder: string, ...args: string[]) => program(args, { cwd: folder });

function done(folder: string, ...args: string[]): string {
  const { status, stdout, stderr } = cancernet(folder, ...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

/** A folder with a configuration file in it, and an empty folder below. */
function place(name: string, file: string, content: string): { folder: string; below: string } {
  const folder = at(name);
  mkdirSync(join(folder, "below"), { recursive: true });
  writeFileSync(join(folder, file), content);
  return { folder, below: join(folder, "below") };
}

const bytes = (folder: string) =>
  ["dataset/manifest.csv", "dataset/dataset.json", "run/model.onnx"].map((name) =>
    readFileSync(join(folder, name), "hex"),
  );

test("JSON, YAML and TypeScript give the bytes of the flags, also from a folder below", () => {
  const flags = at("flags");
  mkdirSync(flags);
  const shares = ["--train-share", ".75", "--validation-share", ".2"];
  done(flags, "prepare", "../patches", "--out", "dataset", "--seed", "7", ...shares);
  const settings = "--recipe tutorial --model compact --epochs 1 --rotation 10 --fill reflect --seed 7".split(" ");
  done(flags, "train", "dataset", "--out", "run", ...settings);
  const expected = bytes(flags);

  const json = place("json", "cancernet.config.json", JSON.stringify(CONFIG, null, 2));
  for (const verb of ["prepare", "train"]) done(json.below, verb);
  assert.deepEqual(bytes(json.folder), expected);

  const lines = Object.entries(CONFIG).flatMap(([verb, options]) => [
    `${verb}:`,
    ...Object.entries(options).map(([name, value]) => `  ${name}: ${value}`),
  ]);
  const yaml = place("yaml", "cancernet.config.yaml", `# yaml-language-server: x\n${lines.join("\n")}\n`);
  for (const verb of ["prepare", "train"]) done(yaml.folder, verb);
  assert.deepEqual(bytes(yaml.folder), expected);

  const code = `const seed: number = 7;\nexport default { ...${JSON.stringify(CONFIG)}, shared: { seed } } as object;\n`;
  const ts = place("ts", "cancernet.config.ts", code);
  const asked = cancernet(ts.folder, "train");
  assert.equal(asked.status, 2);
  assert.match(asked.stderr, /^cancernet\.config\.ts is not used: it is a program/);
  for (const verb of ["prepare", "train"]) done(ts.below, verb, "--config", "../cancernet.config.ts");
  assert.deepEqual(bytes(ts.folder), expected);
});

test("the command of a report makes the same report without the file", () => {
  const { folder, below } = place(
    "report",
    "cancernet.config.json",
    JSON.stringify({ ...CONFIG, evaluate: { model: "run", split: "val", prevalence: [0.3] } }),
  );
  for (const verb of ["prepare", "train", "evaluate"]) done(below, verb);
  const path = join(folder, "run", "evaluation-val", "report.json");
  const { command } = jsonOf(path);
  assert.equal(command, "cancernet evaluate ../run --split val --prevalence 0.3 --device cpu");
  const first = readFileSync(path, "utf8");
  rmSync(join(folder, "run", "evaluation-val"), { recursive: true });
  rmSync(join(folder, "cancernet.config.json"));
  done(below, ...command.split(" ").slice(1));
  assert.equal(readFileSync(path, "utf8"), first);
});

test("--resume takes run.json's settings, and says that the file is not used", () => {
  const { folder } = place("resume", "cancernet.config.json", JSON.stringify(CONFIG));
  for (const verb of ["prepare", "train"]) done(folder, verb);
  writeFileSync(
    join(folder, "cancernet.config.json"),
    JSON.stringify({ ...CONFIG, train: { ...CONFIG.train, epochs: 5 } }),
  );
  const { status, stderr } = cancernet(folder, "train", "--resume", "run");
  assert.equal(status, 0, stderr);
  assert.match(
    stderr,
    /^cancernet\.config\.json is not used with --resume: the settings are those that were started with\.$/m,
  );
  assert.equal(jsonOf(join(folder, "run", "run.json")).options.epochs, 1);
});

test("--print-config runs nothing", () => {
  const { folder } = place("print", "cancernet.config.json", JSON.stringify(CONFIG, null, 2));
  const table = done(folder, "train", "--print-config", "--epochs", "3");
  assert.match(table, /^epochs +3 +flag$/m);
  assert.match(table, /^rotation +10 +cancernet\.config\.json:\d+$/m);
  assert.match(table, /^optimizer +adagrad +recipe tutorial$/m);
  assert.match(table, /^zoom +0\.05 +augmentation geometry$/m);
  assert.match(table, /^seed +7 +cancernet\.config\.json:3$/m);
  assert.equal(JSON.parse(done(folder, "prepare", "--print-config", "--json")).options.trainShare.value, 0.75);
  assert.equal(cancernet(folder, "train", "--print-config", "--epochs", "x").status, 2);
});
