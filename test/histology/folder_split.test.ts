import assert from "node:assert/strict";
import test from "node:test";
import { chooseSplitter, type SplitChoice } from "../../src/histology/dataset/choose_splitter.ts";
import { type Candidate, parsePath } from "../../src/histology/dataset/parse_path.ts";
import { refused } from "../support/refused.ts";

const candidates = (paths: readonly string[]) => paths.map((path) => parsePath(path) as Candidate);

/** The split of each path, and the warnings. */
async function split(paths: readonly string[], choice: Partial<SplitChoice> = {}) {
  const all = candidates(paths);
  const splitter = (await chooseSplitter({ seed: 42, ...choice }))(all);
  const warnings: string[] = [];
  const selected = splitter.select(all, [], (sentence) => warnings.push(sentence));
  return { splits: splitter.assign(selected), warnings, description: splitter.description };
}

const tree = (parts: readonly string[], cases: number) =>
  parts.flatMap((part) =>
    Array.from({ length: cases }, (_, i) => [`${part}/${part}${i}/0/p.png`, `${part}/${part}${i}/1/p.png`]).flat(),
  );

test("the split of the folders is kept, and cases that are apart need no warning", async () => {
  const paths = tree(["train", "valid", "test"], 3);
  const { splits, warnings, description } = await split(paths);
  assert.deepEqual(splits, [...Array(6).fill("train"), ...Array(6).fill("val"), ...Array(6).fill("test")]);
  assert.deepEqual(warnings, []);
  assert.deepEqual(description, { method: "folders", seed: null });
});

test("without a validation folder, whole cases of the training part become val", async () => {
  const paths = tree(["train", "test"], 10);
  const { splits, description } = await split(paths, { validationShare: 0.3 });
  const val = new Set(paths.filter((_, i) => splits[i] === "val").map((path) => path.split("/")[1]));
  assert.equal(val.size, 3);
  for (const [i, path] of paths.entries()) {
    assert.equal(splits[i], path.startsWith("test") ? "test" : val.has(path.split("/")[1]) ? "val" : "train");
  }
  assert.deepEqual(description, { method: "folders", seed: 42, validation: 0.3 });
  const again = await split(paths.toReversed(), { validationShare: 0.3 });
  assert.deepEqual(again.splits.toReversed(), splits);
});

test("patches without cases are split singly, with a warning", async () => {
  const paths = ["train", "test"].flatMap((part) => Array.from({ length: 40 }, (_, i) => `${part}/${i % 2}/${i}.png`));
  const { splits, warnings } = await split(paths);
  assert.deepEqual([...Map.groupBy(splits, (one) => one)].map(([one, all]) => [one, all.length]).sort(), [
    ["test", 40],
    ["train", 36],
    ["val", 4],
  ]);
  assert.match(warnings.join(), /patches name no case/);
});

test("a case in several parts is refused, unless the user keeps the folders", async () => {
  const paths = [...tree(["train", "test"], 2), "test/train0/0/q.png"];
  await assert.rejects(split(paths), refused("case-in-two-splits", /1 case of 4 .*train0/));
  const { splits, warnings } = await split(paths, { split: "folders" });
  assert.equal(splits.at(-1), "test");
  assert.match(warnings.join(), /scores are too good/);
  assert.equal(new Set((await split(paths, { split: "case" })).splits).size, 3);
});

test("options that contradict the folders are refused by name", async () => {
  const paths = tree(["train", "val", "test"], 3);
  await assert.rejects(split(paths, { trainShare: 0.5 }), refused("options-conflict", "--train-share"));
  await assert.rejects(split(paths, { validationShare: 0.5 }), refused("options-conflict", "--validation-share"));
  await assert.rejects(
    split(paths, { split: "folders", trainShare: 0.5 }),
    refused("options-conflict", "--train-share"),
  );
  await assert.rejects(
    split(paths, { split: "folders", splitLists: "lists" }),
    refused("options-conflict", "--split-lists"),
  );
  await assert.rejects(split(["a/0/p.png"], { split: "folders" }), refused("split-folders-incomplete"));
  await assert.rejects(
    split([...paths, "x/0/p.png"]),
    refused("split-folders-incomplete", /18 lie in folders .*x\/0\/p\.png/),
  );
});
