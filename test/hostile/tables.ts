/** Hostile tables and descriptions of our own formats: manifest, dataset.json, patches.bin, split lists, run.json. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { locateModel } from "../../src/artifacts/run_folder.ts";
import { descriptionText } from "../../src/histology/dataset/description_file.ts";
import type { Fixtures } from "./corpus.ts";
import { damagedJson, damagedMembers } from "./json.ts";
import type { Expectation, HostileInput } from "./judge.ts";
import { BOM, datasetInput, type Files, manifests } from "./manifests.ts";

export function tableInputs({ dataset, archive }: Fixtures): HostileInput[] {
  const rows = dataset["manifest.csv"]!.toString().trim().split("\n").length - 1;
  return [
    ...manifests(dataset, rows),
    ...descriptions(dataset, rows),
    ...records(dataset, rows),
    ...splitLists(dataset, archive, rows),
    ...runs(),
  ];
}

function descriptions(dataset: Files, rows: number): HostileInput[] {
  const whole = dataset["dataset.json"]!.toString();
  const object = JSON.parse(whole);
  const input = (name: string, expect: Expectation, text: string | Buffer, sample = false): HostileInput =>
    datasetInput(`dataset.json: ${name}`, expect, { ...dataset, "dataset.json": text }, rows, {
      sentence: /dataset\.json|manifest\.csv|patches\.bin/,
      sample,
    });
  const counts = (change: (counts: Record<string, Record<string, number>>) => void): string => {
    const copy = structuredClone(object);
    change(copy.counts);
    return descriptionText(copy);
  };
  const members = [...damagedMembers(object)].map(([what, value]) => input(what, "refused", JSON.stringify(value)));
  const distinct = [...new Map(members.map((one) => [one.name, one])).values()];
  return [
    ...Object.entries(damagedJson(whole)).map(([what, text]) => input(what, "refused", text, what === "cut at 0.4")),
    ...distinct,
    input("another seed, sealed anew", "result", descriptionText({ ...object, split: { ...object.split, seed: 5 } })),
    input("format version 99", "refused", JSON.stringify({ ...object, formatVersion: 99 })),
    input(
      "one patch moved between the counts",
      "refused",
      counts((c) => {
        c.train!.patches!--;
        c.test!.patches!++;
      }),
    ),
    input(
      "one label moved between the counts",
      "refused",
      counts((c) => {
        c.train!.idc!--;
        c.train!.no_idc!++;
      }),
    ),
    input(
      "a case more in the counts",
      "refused",
      counts((c) => {
        c.val!.cases!++;
      }),
    ),
    input(
      "2^53 - 1 patches",
      "refused",
      counts((c) => {
        c.train!.patches = 2 ** 53 - 1;
      }),
    ),
    input("__proto__ beside the members", "result", whole.replace("{", '{"__proto__": {"counts": 5},')),
    input("members that are not ours", "result", JSON.stringify({ ...object, note: "mine" })),
    input("a byte-order mark", "result", BOM + whole, true),
    input("CRLF", "result", whole.replaceAll("\n", "\r\n")),
    input("on one line", "result", JSON.stringify(object)),
    datasetInput("dataset.json: a folder", "refused", { ...dataset, "dataset.json": null }, rows),
    datasetInput("dataset.json: in another case", "refused", { "Dataset.json": whole }, rows),
  ];
}

function records(dataset: Files, rows: number): HostileInput[] {
  const patches = dataset["patches.bin"]!;
  const input = (name: string, content: Buffer | null): HostileInput =>
    datasetInput(`patches.bin: ${name}`, "refused", { ...dataset, "patches.bin": content }, rows, {
      sentence: /patches\.bin/,
      sample: name === "a byte short",
    });
  return [
    input("empty", Buffer.alloc(0)),
    input("a bit flipped", patches.with(7500, patches[7500]! ^ 1) as Buffer),
    input("a byte short", patches.subarray(0, -1)),
    input("a byte long", Buffer.concat([patches, Buffer.alloc(1)])),
    input("a record short", patches.subarray(7500)),
    input("a folder", null),
    { ...input("missing", patches), setUp: ({ at }) => rmSync(at("dataset", "patches.bin")) },
  ];
}

function splitLists(dataset: Files, archive: Buffer, rows: number): HostileInput[] {
  const lists = Object.fromEntries(
    ["train", "val", "test"].map((split) => [split, dataset[`splits/cases_${split}.txt`]!.toString()]),
  );
  const input = (
    name: string,
    expect: Expectation,
    change: Record<string, string | Buffer | null>,
    more: Partial<HostileInput> = {},
  ): HostileInput => ({
    name: `lists: ${name}`,
    expect,
    files: () => ({
      "archive.zip": archive,
      ...Object.fromEntries(
        Object.entries({ ...lists, ...change }).map(([split, text]) => [`lists/cases_${split}.txt`, text]),
      ),
    }),
    args: ({ at, out }) => ["prepare", at("archive.zip"), "--out", out, "--split-lists", at("lists")],
    ...more,
  });
  const all = Object.values(lists).join("");
  const check = (result: unknown): void => void assert.match(String(result), /The dataset is in/, `${rows} patches`);
  const each = (change: (text: string) => string | Buffer) =>
    Object.fromEntries(Object.entries(lists).map(([split, text]) => [split, change(text)]));
  return [
    input("as they were written", "result", {}, { check, sample: true }),
    input(
      "CRLF",
      "result",
      each((text) => text.replaceAll("\n", "\r\n")),
      { check },
    ),
    input(
      "a byte-order mark",
      "result",
      each((text) => BOM + text),
      { check },
    ),
    input(
      "blanks, tabs and empty lines",
      "result",
      each((text) => `\n\n${text.replaceAll("\n", " \t\n\n")}`),
      { check },
    ),
    input("a case twice in one list", "result", { train: lists.train! + lists.train! }, { check }),
    input(
      "__proto__ and constructor as cases",
      "result",
      { train: `${lists.train}__proto__\nconstructor\n` },
      { check },
    ),
    input(
      "100,000 more cases",
      "result",
      { train: `${lists.train}${Array.from({ length: 100_000 }, (_, i) => `other ${i}\n`).join("")}` },
      { check },
    ),
    input("all cases in val", "result", { train: "", val: all, test: "" }, { check }),
    input("a case in two lists", "refused", { test: all }, { sentence: /is both in/ }),
    input("all empty", "refused", { train: "", val: "", test: "" }, { sentence: /No case/ }),
    input("other cases", "refused", { train: "7\n", val: "8\n", test: "9\n" }, { sentence: /No case/ }),
    input(
      "UTF-16, as Windows writes it",
      "refused",
      each((text) => Buffer.from(BOM + text, "utf16le")),
      { sentence: /UTF-8/ },
    ),
    input(
      "one in UTF-16",
      "refused",
      { val: Buffer.from(BOM + lists.val, "utf16le") },
      { sentence: /cases_val\.txt.*UTF-8/, sample: true },
    ),
    input("bytes that are no UTF-8", "refused", { val: Buffer.from([0xff, 0x80, 10]) }, { sentence: /UTF-8/ }),
    input("NUL bytes", "refused", { val: "1\0\0\0" }),
    input("terminal codes", "result", { val: `${lists.val}\u001b[2J\n` }, { check }),
    input("one line of 10 MB", "result", { val: `${lists.val}${"9".repeat(10_000_000)}\n` }, { check }),
    input("a folder in the place of a list", "refused", { val: null }, { sentence: /cases_val\.txt.*folder/ }),
    {
      ...input("one missing", "refused", {}),
      setUp: ({ at }) => rmSync(at("lists", "cases_val.txt")),
      sentence: /cases_val\.txt/,
    },
    {
      ...input("a file in the place of the folder", "refused", {}),
      args: ({ at, out }) => ["prepare", at("archive.zip"), "--out", out, "--split-lists", at("archive.zip")],
    },
  ];
}

function runs(): HostileInput[] {
  const object = {
    format: 1,
    status: "finished",
    dataset: { folder: "dataset", sha256: { manifest: "0", patches: "0" } },
  };
  const whole = JSON.stringify(object, null, 2);
  const input = (name: string, expect: Expectation, text: string | Buffer | null): HostileInput => ({
    name: `run.json: ${name}`,
    expect,
    files: () => ({ "run/run.json": text, "run/model.onnx": "" }),
    args: ({ at }) => ["evaluate", at("run")],
    run: ({ at }) => locateModel(at("run")),
    sentence: /run/,
    sample: name === "empty",
  });
  const members = [...damagedMembers({ format: 1, dataset: object.dataset })];
  return [
    ...Object.entries(damagedJson(whole)).map(([what, text]) => input(what, "refused", text)),
    ...[...new Map(members)].map(([what, value]) => input(what, "refused", JSON.stringify(value))),
    input("sound", "result", whole),
    input("a byte-order mark", "result", BOM + whole),
    input("CRLF", "result", whole.replaceAll("\n", "\r\n")),
    input("a folder", "refused", null),
    { ...input("no model beside it", "refused", whole), setUp: ({ at }) => rmSync(at("run", "model.onnx")) },
    {
      ...input("a folder as the model", "refused", whole),
      setUp: ({ at }) => {
        rmSync(at("run", "model.onnx"));
        mkdirSync(at("run", "model.onnx"));
      },
    },
  ];
}
