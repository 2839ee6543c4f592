/** Wrong input of each command, through the real program: one sentence on stderr, exit code 2, nothing half-written. */

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { buildInferenceGraph } from "../../src/engine/models/inference.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { lowerForCpu } from "../../src/engine/runtime/devices.ts";
import { drawDataset } from "../support/cohort.ts";
import { program } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { CARD } from "../support/inputs.ts";
import { noServer } from "../support/queue.ts";

const at = useFolder("wrong input");

before(async () => {
  await drawDataset(at, { patchesPerCase: 30 });
  const arrays = initialize(MODELS.cancernet, 1);
  writeFileSync(at("model.onnx"), modelFile({ model: MODELS.cancernet, arrays }, CARD));
  writeFileSync(at("foreign.onnx"), toOnnx(lowerForCpu(buildInferenceGraph({ model: MODELS.cancernet, arrays }))));
  writeFileSync(at("cut.onnx"), readFileSync(at("model.onnx")).subarray(0, 4000));
  writeFileSync(at("flipped.onnx"), flipped(readFileSync(at("model.onnx"))));
  writeFileSync(at("text.txt"), "not a picture, not an archive, not a model");
  writeFileSync(at("bad.zip"), Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(500, 7)]));
  mkdirSync(at("empty"));
  mkdirSync(at("full"));
  writeFileSync(at("full", "keep.txt"), "mine");
  cpSync(at("dataset"), at("cut-dataset"), { recursive: true });
  writeFileSync(at("cut-dataset", "patches.bin"), readFileSync(at("dataset", "patches.bin")).subarray(0, 7000));
  for (const file of ["patches.bin", "manifest.csv", "dataset.json"]) {
    cpSync(at("dataset"), at(`flipped-${file}`), { recursive: true });
    writeFileSync(at(`flipped-${file}`, file), flipped(readFileSync(at("dataset", file))));
  }
});

/** The bytes with one bit flipped in the middle. */
function flipped(bytes: Uint8Array): Uint8Array {
  const middle = bytes.length >> 1;
  return bytes.with(middle, bytes[middle]! ^ 1);
}

/** Arguments, and what the sentence must say. "new" stands for an output folder that must not appear. */
const CASES: readonly (readonly [string, RegExp])[] = [
  ["prepare nowhere --out new", /nowhere does not exist/],
  ["prepare empty --out new", /empty.*no/i],
  ["prepare text.txt --out new", /text\.txt/],
  ["prepare bad.zip --out new", /bad\.zip/],
  ["prepare patches --out full", /full.*not empty|full.*empty/],
  ["prepare patches --out text.txt/new", /text\.txt/],
  ["prepare patches --out new --split-lists empty", /cases_train\.txt/],
  ["prepare patches --out new --seed one", /--seed must be a whole number/],
  ["prepare patches --out new --spilt case", /--spilt.*--split/s],
  ["prepare patches", /--out/],
  ["train nowhere --out new", /nowhere is not a prepared dataset/],
  ["train empty --out new", /not a prepared dataset/],
  ["train text.txt --out new", /not a prepared dataset/],
  ["train cut-dataset --out new", /patches\.bin/],
  ["train dataset --out full", /full.*not empty/],
  ["train dataset --out text.txt/new", /text\.txt/],
  ["train dataset", /--out is required/],
  ["train dataset --out new --epochs 0", /--epochs/],
  ["train dataset --out new --epochs many", /--epochs/],
  ["train dataset --out new --optimizer adamn", /--optimizer/],
  ["train dataset --out new --recipe best", /--recipe/],
  ["train dataset --out new --batch-size 1", /--batch-size/],
  ["train dataset --out new --learning-rate -1", /--learning-rate/],
  ["crossvalidate nowhere --out new", /nowhere is not a prepared dataset/],
  ["crossvalidate dataset", /--out is required/],
  ["crossvalidate dataset --out full", /full.*not empty/],
  ["crossvalidate dataset --out new --folds 2", /--folds must be a whole number from 3 to 1000, but is 2/],
  ["crossvalidate dataset --out new --folds 9", /only 8: choose at most --folds 8/],
  ["crossvalidate dataset --out new --engine fused --device webgpu", /fused engine/],
  ["crossvalidate dataset --out new --epochs 0", /--epochs/],
  ["sweep dataset nowhere.yaml --out new", /nowhere\.yaml/],
  ["sweep dataset dataset/manifest.csv --out new", /manifest\.csv.* name/],
  ["sweep dataset nowhere.csv --out new --seeds 1,x", /--seeds must be whole numbers with commas/],
  ["crossvalidate --resume dataset", /dataset is not a cross-validation/],
  ["evaluate nowhere", /no model at nowhere/],
  ["evaluate empty", /not a run folder/],
  ["evaluate text.txt --dataset dataset", /not an ONNX model/],
  ["evaluate cut.onnx --dataset dataset", /cut\.onnx/],
  ["evaluate flipped.onnx --dataset dataset", /flipped\.onnx was changed or cut off/],
  ["predict flipped.onnx patches", /flipped\.onnx was changed or cut off/],
  ["evaluate model.onnx --dataset flipped-patches.bin", /patches\.bin was changed/],
  ["train flipped-patches.bin --out new", /patches\.bin was changed/],
  ["train flipped-manifest.csv --out new", /manifest\.csv was changed/],
  ["train flipped-dataset.json --out new", /dataset\.json/],
  ["evaluate foreign.onnx --dataset dataset", /not one of ours/],
  ["evaluate model.onnx", /--dataset/],
  ["evaluate model.onnx --dataset empty", /not a prepared dataset/],
  ["evaluate model.onnx --dataset dataset --split all", /--split/],
  ["evaluate model.onnx --dataset dataset --out full", /full.*not empty/],
  ["compare run", /two or more folders/],
  ["compare nowhere empty", /no folder at nowhere/],
  ["compare empty empty", /neither a run nor an evaluation/],
  ["predict nowhere patches", /no model at nowhere/],
  ["predict model.onnx nowhere", /no image or folder at nowhere/],
  ["predict model.onnx empty", /no images/],
  ["predict model.onnx text.txt", /text\.txt is not a readable picture/],
  ["predict foreign.onnx patches", /not one of ours/],
  ["predict model.onnx patches --json --csv", /exclude each other/],
  ["predict model.onnx", /images/],
  ["slide model.onnx nowhere.svs --out new", /no slide or folder at nowhere\.svs/],
  ["slide model.onnx empty --out new", /empty has no slides/],
  ["slide model.onnx cut.onnx --out new", /cut\.onnx is no slide/],
  ["slide model.onnx cut.onnx", /--out/],
  ["slide model.onnx cut.onnx --out new --scale 2 --patch-size-um 100", /exclude each other/],
  ["slide model.onnx cut.onnx --out new --case 1", /--labels/],
  ["slide model.onnx cut.onnx --out text.txt", /text\.txt is a file/],
  ["slide model.onnx patches --out new --shard 3/2", /--shard must be such as 2\/10/],
  ["slide model.onnx patches --out new --shard 0/2", /--shard must be such as 2\/10/],
  ["slide model.onnx patches --out new --shard 1/2 --queue postgres", /--shard and --queue exclude each other/],
  ["slide model.onnx patches --out new --queue rabbit", /--queue must be one of postgres/],
  ["slide model.onnx patches --out new --queue postgres", /names no PostgreSQL server: set PGHOST/],
  ["slide model.onnx patches --out new --queue postgres --results empty", /new do not lie below empty.*--results/],
  ["slide model.onnx patches/90001/1/90001_idx5_x1_y251_class1.png --out new --shard 1/2", /needs several slides/],
  ["crossvalidate dataset --out new --shard 1/2 --queue postgres", /--shard and --queue exclude each other/],
  ["crossvalidate dataset --out new --queue postgres", /names no PostgreSQL server: set PGHOST/],
  ["gather", /<folder> is required/],
  ["gather nowhere", /nowhere holds no work of shards or workers/],
  ["gather text.txt", /text\.txt holds no work of shards or workers/],
  ["gather dataset", /dataset holds no work of shards or workers/],
  ["work", /names no PostgreSQL server: set PGHOST/],
  ["work --results nowhere", /no folder nowhere.*--results/],
  ["work --root text.txt", /no folder text\.txt.*--root/],
  ["work --name a/b", /--name must have 1 to 60 letters/],
  ["work --threads 0", /--threads/],
  ["queue", /names no PostgreSQL server: set PGHOST/],
  ["queue many", /must be one of show, retry, drain, but is "many"/],
  ["explain model.onnx nowhere --out new", /no image at nowhere/],
  ["explain model.onnx patches --out new", /patches is a folder/],
  ["explain model.onnx text.txt --out new", /text\.txt is not a readable picture/],
  ["explain model.onnx text.txt", /--out/],
  ["explain model.onnx text.txt --out new --at 5", /--at must be two whole numbers/],
  ["explain nowhere text.txt --out new", /no model at nowhere/],
  ["explain model.onnx text.txt --out full", /full.*not empty/],
  ["demo --out full", /full.*not empty/],
  ["demo --cases 2 --out new", /--cases/],
  ["teach dataset", /teach/],
];

for (const [line, sentence] of CASES) {
  test(`cancernet ${line}`, () => {
    const before = readdirSync(at()).sort();
    const { status, stderr } = program(line, { cwd: at(), env: noServer() });
    const told = stderr.split("\n").filter((text) => text !== "" && !text.startsWith("warning: "));
    assert.equal(status, 2, stderr);
    assert.equal(told.length, 1, `one sentence expected:\n${stderr}`);
    assert.match(told[0]!, /^cancernet: .*[.?]\)?$/);
    assert.match(told[0]!, sentence);
    assert.doesNotMatch(stderr, /\n\s+at .*:\d+/, "no stack trace");
    assert.deepEqual(readdirSync(at()).sort(), before, "nothing new in the folder");
    assert.equal(existsSync(at("new")), false);
    assert.deepEqual(readdirSync(at("full")), ["keep.txt"]);
  });
}

for (const line of ["queue", "work --until-empty", "slide model.onnx patches --scale 1 --out away --queue postgres"]) {
  test(`cancernet ${line}: a server that is away is named without its address`, () => {
    for (const [environment, words] of [
      [{ PGHOST: at("empty") }, /does not answer \(ENOENT\): check that it runs, and PGHOST and PGPORT\./],
      [{ CANCERNET_DATABASE_URL: "postgres://me:secret@127.0.0.1:1/x" }, /does not answer \(ECONNREFUSED\)/],
    ] as const) {
      const { status, stderr } = program(line, { cwd: at(), env: { ...noServer(), ...environment } });
      assert.equal(status, 2, stderr);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /secret|127\.0\.0\.1|\n\s+at .*:\d+/);
    }
  });
}
