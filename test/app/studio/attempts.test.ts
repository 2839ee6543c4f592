/** The studio's items while units are at work: an attempt is the item that its result will be. */
import assert from "node:assert/strict";
import { cp, mkdir, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Workspace } from "../../../src/app/server/workspace/workspace.ts";
import { newPart } from "../../../src/units/parts.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { writeDatasetOf, writeEvaluation } from "./written_evaluation.ts";

const RUN = { status: "running", model: "compact", recipe: "default", options: { seed: 1, epochs: 2 } };

async function writeRun(folder: string, epochs: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const run = { ...RUN, options: { seed: 1, epochs }, dataset: { folder: "../dataset" } };
  await writeFile(join(folder, "run.json"), JSON.stringify(run));
}

async function runsIn(folder: string) {
  const items = await (await Workspace.open(folder)).items();
  return items.flatMap((item) => (item.kind === "run" ? [item] : []));
}

test("the run of a fold has one id from its first step to its publication; of two attempts the newer is shown", async (t) => {
  const folder = await temporaryFolder(t);
  const [old, part] = [await newPart(join(folder, "cv"), "fold-2"), await newPart(join(folder, "cv"), "fold-2")];
  await writeRun(join(old, "run"), 1);
  await utimes(join(old, "run", "run.json"), 1, 1);
  await writeRun(join(part, "run"), 2);
  const [running, ...others] = await runsIn(folder);
  assert.deepEqual([running!.epochs, others], [2, []]);
  await rename(part, join(folder, "cv", "fold-2"));
  const [published, ...rest] = await runsIn(folder);
  assert.deepEqual([published!.path, published!.epochs, rest], ["cv/fold-2/run", 2, []]);
  assert.equal(published!.id, running!.id);
});

test("a fold's evaluation belongs to the dataset of the fold, not to one of that name elsewhere", async (t) => {
  const folder = await temporaryFolder(t);
  const written = { cases: 3, patchesPerCase: 4 };
  writeDatasetOf(join(folder, "cv", "fold-1", "dataset"), written);
  writeDatasetOf(join(folder, "dataset"), { ...written, cases: 5 });
  await writeRun(join(folder, "cv", "fold-1", "run"), 1);
  writeEvaluation(join(folder, "cv", "fold-1", "run", "evaluation-test"), {
    ...written,
    change: ({ dataset }) => ({ dataset: { ...dataset, folder: "dataset" } }),
  });
  await cp(join(folder, "cv", "fold-1", "run", "evaluation-test"), join(folder, "elsewhere"), { recursive: true });
  const items = await (await Workspace.open(folder)).items();
  const idAt = (path: string) => items.find((item) => item.path === path)!.id;
  const datasetOf = (path: string) => {
    const item = items.find((one) => one.path === path)!;
    return item.kind === "evaluation" ? item.dataset : undefined;
  };
  assert.equal(datasetOf("cv/fold-1/run/evaluation-test"), idAt("cv/fold-1/dataset"));
  assert.equal(datasetOf("elsewhere"), idAt("dataset"));
});
