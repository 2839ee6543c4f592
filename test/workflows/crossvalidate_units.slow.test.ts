/** What a cross-validation of several processes refuses: other options, foreign or damaged folds, what is not done. */

import assert from "node:assert/strict";
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { CrossvalidateOptions } from "../../src/options/crossvalidate.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { crossvalidate } from "../../src/workflows/crossvalidate.ts";
import { gather } from "../../src/workflows/gather.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { context } from "../support/cohort.ts";
import { jsonOf } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { useDataset } from "./resume_fixture.ts";

const TRAINING = { model: "compact", epochs: 1, batchSize: 12, views: 1, statistics: "running" } as const;
const SETTINGS = { ...TRAINING, folds: 3, threads: 1 };
const at = useDataset(async () => {
  await run({ dataset: at("dataset"), out: at("done"), ...SETTINGS });
});
const run = (given: CrossvalidateOptions): Promise<object> => crossvalidate(given, context);

/** A copy of the finished cross-validation. */
function copy(name: string): string {
  cpSync(at("done"), at(name), { recursive: true });
  return at(name);
}

test("a shard that does not agree with the first one is refused, and one that does goes on", async () => {
  const out = at("shards");
  const given = { dataset: at("dataset"), out, ...SETTINGS };
  await run({ ...given, shard: "1/3" });
  assert.deepEqual(readdirSync(out).sort(), [".units", "crossvalidation.json", "fold-1"]);
  await prepare(prepareOptions.parse({ source: at("patches"), out: at("other"), seed: 1 }), context);
  const cases: [CrossvalidateOptions, Refusal][] = [
    [{ ...given, epochs: 2, shard: "2/3" }, refused("run-mismatch", /^--epochs is 2, but .* 1: give all shards/)],
    [{ dataset: at("dataset"), out, folds: 3, shard: "2/3" }, refused("run-mismatch", /^--\S+ is \S+, but/)],
    [{ ...given, folds: 4, shard: "2/3" }, refused("run-mismatch", /^--folds is 4, but .* 3/)],
    [{ ...given, seed: 7, shard: "2/3" }, refused("run-mismatch", /^--seed is 7/)],
    [{ ...given, dataset: at("other"), shard: "2/3" }, refused("dataset-mismatch", "other")],
    [given, refused("output-exists")],
    [{ resume: out, epochs: 2, shard: "2/3" }, refused("run-mismatch", /^--epochs is 2/)],
    [{ ...given, shard: "4/3" }, refused("option-invalid", "shard must be such as 2/10")],
  ];
  for (const [options, refusal] of cases) await assert.rejects(run(options), refusal);
  await assert.rejects(gather({ folder: out }, context), refused("units-unfinished", /^2 of 3 units in .*fold-2/));
  await run({ ...given, threads: 2, engine: "auto", shard: "2/3" });
  await run({ resume: out, shard: "3/3" });
  const { result } = await gather({ folder: out }, context);
  assert.deepEqual(result.unfinished, []);
  const [own, expected] = [out, at("done")].map((folder) => jsonOf(join(folder, "report.json")));
  assert.deepEqual({ ...own, command: "" }, { ...expected, command: "" });
});

const damages: readonly [what: string, (folder: string) => void, Refusal][] = [
  [
    "another fold in its place",
    (folder) => {
      rmSync(join(folder, "fold-2"), { recursive: true });
      cpSync(join(folder, "fold-1"), join(folder, "fold-2"), { recursive: true });
    },
    refused("output-mismatch", /fold-2 is not a finished fold .*(manifest|other cases).*remove this folder/),
  ],
  [
    "a changed manifest",
    (folder) => appendFileSync(join(folder, "fold-2", "dataset", "manifest.csv"), "\n"),
    refused("dataset-damaged", "fold-2"),
  ],
  [
    "another model",
    (folder) => cpSync(join(folder, "fold-1", "run", "model.onnx"), join(folder, "fold-2", "run", "model.onnx")),
    refused("evaluation-mismatch", /fold-2.*another model/),
  ],
  [
    "no evaluation",
    (folder) => rmSync(join(folder, "fold-2", "run", "evaluation-test"), { recursive: true }),
    refused("evaluation-missing", "fold-2"),
  ],
  [
    "other predictions",
    (folder) => {
      const own = "run/evaluation-test/predictions.csv";
      cpSync(join(folder, "fold-1", own), join(folder, "fold-2", own));
    },
    refused("evaluation-damaged", "fold-2"),
  ],
  [
    "a run with other settings",
    (folder) => {
      const path = join(folder, "fold-2", "run", "run.json");
      const { options, ...others } = jsonOf(path);
      writeFileSync(path, JSON.stringify({ ...others, options: { ...options, epochs: 2 } }));
    },
    refused("run-mismatch", /--epochs/),
  ],
  [
    "a training that has not ended",
    (folder) => {
      const path = join(folder, "fold-2", "run", "run.json");
      writeFileSync(path, JSON.stringify({ ...jsonOf(path), status: "interrupted" }));
    },
    refused("output-mismatch", "its training is interrupted"),
  ],
  [
    "a changed description",
    (folder) => {
      const path = join(folder, "crossvalidation.json");
      const description = jsonOf(path);
      writeFileSync(path, JSON.stringify({ ...description, options: { ...description.options, epochs: 2 } }));
    },
    refused("crossvalidation-damaged", /its epochs is 2, and was 1/),
  ],
];

for (const [what, damage, refusal] of damages) {
  test(`a finished fold is not taken for done by its name alone: ${what}`, async () => {
    const folder = copy(what);
    damage(folder);
    await assert.rejects(run({ resume: folder }), refusal);
    await assert.rejects(gather({ folder }, context), refusal);
  });
}

test("a fold whose folder was removed is done again, with the same bytes in the end", async () => {
  const folder = copy("again");
  rmSync(join(folder, "fold-2"), { recursive: true });
  const report = jsonOf(join(folder, "report.json"));
  rmSync(join(folder, "report.json"));
  await run({ resume: folder });
  assert.deepEqual(jsonOf(join(folder, "report.json")), report);
});

test("a cross-validation of an earlier version is refused, unless none of its folds was begun", async () => {
  const folder = copy("earlier");
  rmSync(join(folder, ".units"), { recursive: true });
  await assert.rejects(
    run({ resume: folder }),
    refused("output-mismatch", /holds fold-1, but no \.units.*earlier version/),
  );
  for (const fold of [1, 2, 3]) rmSync(join(folder, `fold-${fold}`), { recursive: true });
  await run({ resume: folder });
  assert.ok(existsSync(join(folder, "fold-3")));
});

test("a fold that diverges ends the command with its sentence, and is recorded without a path", async () => {
  const folder = at("diverged");
  const wild = { batchSize: 4, optimizer: "sgd", schedule: "constant", learningRate: 100, epochs: 3 } as const;
  const given = { dataset: at("dataset"), out: folder, ...SETTINGS, ...wild };
  await assert.rejects(run(given), refused("training-diverged", "smaller --learning-rate"));
  const { error } = jsonOf(join(folder, ".units", "failed", "fold-1.json"));
  assert.match(error, /^The training diverged: [^/]*$/);
  await assert.rejects(gather({ folder }, context), refused("units-unfinished", /^fold-1 .* has failed: The training/));
});

test("a folder that holds nothing but the start of a killed process is free", async () => {
  const folder = at("killed");
  mkdirSync(join(folder, ".units"), { recursive: true });
  renameSync(join(folder, ".units"), join(folder, ".crossvalidation.json.1-2-00000000-00000000.tmp"));
  await run({ dataset: at("dataset"), out: folder, ...SETTINGS, shard: "1/3" });
  assert.ok(existsSync(join(folder, "fold-1")));
});
