/** Hostile tables and descriptions of our own formats: manifest, dataset.json, patches.bin, split lists, run.json. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { type Dataset, openDataset } from "../../src/histology/dataset/dataset.ts";
import { locateModel } from "../../src/workflows/run_folder.ts";
import type { Fixtures } from "./corpus.ts";
import type { Brought, Expectation, HostileInput } from "./judge.ts";

type Files = Readonly<Record<string, Buffer>>;
const BOM = "\ufeff";

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

function datasetInput(
  name: string,
  expect: Expectation,
  files: Brought,
  rows: number,
  more: Partial<HostileInput> = {},
): HostileInput {
  const at = Object.fromEntries(Object.entries(files).map(([path, content]) => [`dataset/${path}`, content]));
  return {
    name,
    expect,
    files: () => at,
    args: (place) => ["evaluate", place.at("..", "model.onnx"), "--dataset", place.at("dataset")],
    run: async (place) => {
      const dataset = await openDataset(place.at("dataset"));
      dataset.close();
      return dataset;
    },
    sentence: /dataset/,
    check(result) {
      if (typeof result === "string") return;
      const { rows: found } = result as Dataset;
      assert.equal(found.length, rows);
      for (const { width, height, x, y, id } of found) {
        assert.ok(id !== "" && width >= 1 && height >= 1);
        assert.ok(
          (x === undefined || Number.isInteger(x)) && (y === undefined || Number.isInteger(y)),
          `place ${x}, ${y}`,
        );
      }
    },
    ...more,
  };
}

/** The dataset with another manifest, whose hash dataset.json then states: as somebody who edits files would do it. */
function resealed(dataset: Files, manifest: Buffer): Brought {
  const description = JSON.parse(dataset["dataset.json"]!.toString());
  description.sha256.manifest = createHash("sha256").update(manifest).digest("hex");
  return { ...dataset, "manifest.csv": manifest, "dataset.json": JSON.stringify(description) };
}

function manifests(dataset: Files, rows: number): HostileInput[] {
  const table = dataset["manifest.csv"]!.toString()
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const [columns = [], ...body] = table;
  const textOf = (lines: readonly (readonly string[])[]): string => lines.map((line) => `${line.join(",")}\n`).join("");
  const without = (column: number) => textOf(table.map((line) => line.toSpliced(column, 1)));
  const named = (column: number, name: string) => textOf([columns.with(column, name), ...body]);
  const cell = (column: string, value: string) =>
    textOf([columns, body[0]!.with(columns.indexOf(column), value), ...body.slice(1)]);
  const whole = textOf(table);
  const cells: readonly (readonly [string, string])[] = [
    ...["2", "", "01", "1.0", "-1", "true", "NaN"].map((value) => ["class", value] as const),
    ...["Train", "", "all", "__proto__", "train "].map((value) => ["split", value] as const),
    ...["abc", "1e999", "NaN", "-5", "1.5", "0x10", "Infinity", "9".repeat(400)].map((value) => ["x", value] as const),
    ...["abc", "1e999"].map((value) => ["y", value] as const),
    ...["0", "", "-1", "1.5", "1e30", "abc", "NaN"].map((value) => ["width", value] as const),
    ...["0", "", "abc"].map((value) => ["height", value] as const),
    ["id", ""],
    ["id", body[1]![0]!],
    ["source", ""],
  ];
  const texts: Readonly<Record<string, string | Buffer>> = {
    ...Object.fromEntries(columns.map((column, i) => [`without the column ${column}`, without(i)])),
    ...Object.fromEntries(
      ["__proto__", "constructor", "toString", "", " id"].map((name) => [
        `the column id named ${JSON.stringify(name)}`,
        named(0, name),
      ]),
    ),
    ...Object.fromEntries(
      cells.map(([column, value]) => [`${column} = ${JSON.stringify(value).slice(0, 30)}`, cell(column, value)]),
    ),
    "a column twice": textOf(table.map((line) => [...line, line[5]!])),
    empty: "",
    "the header alone": textOf([columns]),
    "no header": textOf(body),
    "a row short of a field": textOf([columns, body[0]!.slice(1), ...body.slice(1)]),
    "a row with a field more": textOf([columns, [...body[0]!, "x"], ...body.slice(1)]),
    "a row more": textOf([...table, body[0]!.with(0, "another")]),
    "a row fewer": textOf(table.slice(0, -1)),
    "cut in the middle of a row": whole.slice(0, -20),
    "a quote that is not closed": whole.replace("\n", '\n"'),
    "a quote in a field": cell("source", 'a"b'),
    "NUL bytes": whole.replaceAll("train", "tr\0in"),
    "NUL bytes alone": "\0".repeat(1000),
    "UTF-16, as Windows writes it": Buffer.from(BOM + whole, "utf16le"),
    "a million commas": `${",".repeat(1_000_000)}\n`,
    "one field of 10 MB": cell("source", "x".repeat(10_000_000)),
    "semicolons, as some programs write": whole.replaceAll(",", ";"),
    "line ends of the old Macintosh": whole.replaceAll("\n", "\r"),
    "random bytes": dataset["patches.bin"]!.subarray(0, 2000),
    "bytes that are no UTF-8": Buffer.concat([
      Buffer.from(cell("source", "")).subarray(0, -3),
      Buffer.from([0xff, 0xfe, 10]),
    ]),
  };
  const either = new Set([
    "a column twice",
    "a quote in a field",
    "cut in the middle of a row",
    "one field of 10 MB",
    "line ends of the old Macintosh",
  ]);
  return [
    ...Object.entries(texts).map(([name, text]) =>
      datasetInput(
        `manifest: ${name}`,
        either.has(name) ? "either" : "refused",
        resealed(dataset, Buffer.from(text as string)),
        rows,
        {
          sentence: /manifest\.csv/,
          sample: name === 'class = "2"' || name === "NUL bytes alone",
        },
      ),
    ),
    datasetInput("manifest: sound", "result", resealed(dataset, Buffer.from(whole)), rows),
    datasetInput("manifest: a byte-order mark", "result", resealed(dataset, Buffer.from(BOM + whole)), rows),
    datasetInput("manifest: CRLF", "result", resealed(dataset, Buffer.from(whole.replaceAll("\n", "\r\n"))), rows),
    datasetInput("manifest: no line end at the end", "result", resealed(dataset, Buffer.from(whole.trimEnd())), rows),
    datasetInput(
      "manifest: a column that is not ours",
      "result",
      resealed(dataset, Buffer.from(textOf(table.map((line, i) => [...line, `note ${i}`])))),
      rows,
    ),
    datasetInput(
      "manifest: one byte changed, the seal as it was",
      "refused",
      { ...dataset, "manifest.csv": whole.replace("train", "trein") },
      rows,
    ),
    datasetInput(
      "manifest: CRLF, the seal as it was",
      "refused",
      { ...dataset, "manifest.csv": whole.replaceAll("\n", "\r\n") },
      rows,
    ),
    datasetInput(
      "manifest: missing",
      "refused",
      Object.fromEntries(Object.entries(dataset).filter(([name]) => name !== "manifest.csv")),
      rows,
    ),
    datasetInput("manifest: a folder", "refused", { ...dataset, "manifest.csv": null }, rows),
  ];
}

/** Texts that stand where JSON belongs. */
function damagedJson(whole: string): Readonly<Record<string, string | Buffer>> {
  return {
    empty: "",
    "a bracket": "{",
    null: "null",
    "a number": "5",
    "an array": "[]",
    "a text": '"text"',
    "NUL bytes": "\0".repeat(100),
    "NUL bytes behind it": `${whole}\0\0`,
    "UTF-16, as Windows writes it": Buffer.from(BOM + whole, "utf16le"),
    "100,000 brackets": "[".repeat(100_000),
    "100,000 brackets, closed": `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    "100,000 objects, closed": `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
    "a comment": `// note\n${whole}`,
    "a comma too many": whole.replace(/\}\s*$/, ",}"),
    "single quotes": whole.replaceAll('"', "'"),
    "bytes that are no UTF-8": Buffer.concat([
      Buffer.from(whole.slice(0, 30)),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from(whole.slice(30)),
    ]),
    "__proto__ alone": '{"__proto__": {"formatVersion": 1, "format": 1}}',
    ...Object.fromEntries(
      [0.1, 0.4, 0.7, 0.98].map((share) => [`cut at ${share}`, whole.slice(0, Math.floor(share * whole.length))]),
    ),
  };
}

const WRONG_VALUES: readonly unknown[] = [null, -1, 1.5, "text", [], {}, true, 1e300];

/** The object with each of its members, at any depth, missing or of another type. */
function* damagedMembers(whole: Record<string, unknown>, path: string[] = []): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(whole)) {
    const place = [...path, key].join(".");
    const { [key]: _, ...rest } = whole;
    yield [`without ${place}`, rest];
    const wrong = WRONG_VALUES.find(
      (other) => JSON.stringify(other) !== JSON.stringify(value) && typeof other !== typeof value,
    )!;
    for (const other of [wrong, typeof value === "number" ? -1 : 7])
      yield [`${place} = ${JSON.stringify(other)}`, { ...whole, [key]: other }];
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [what, damaged] of damagedMembers(value as Record<string, unknown>, [...path, key]))
        yield [what, { ...whole, [key]: damaged }];
    }
  }
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
    return JSON.stringify(copy);
  };
  const free = /^(without )?(software|split\.seed|rejected)/;
  const members = [...damagedMembers(object)].map(([what, value]) =>
    input(what, free.test(what) ? "either" : "refused", JSON.stringify(value)),
  );
  const distinct = [...new Map(members.map((one) => [one.name, one])).values()];
  return [
    ...Object.entries(damagedJson(whole)).map(([what, text]) => input(what, "refused", text, what === "cut at 0.4")),
    ...distinct,
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
        c.train!.benign!++;
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
      "2^53 patches",
      "refused",
      counts((c) => {
        c.train!.patches = 2 ** 53;
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
