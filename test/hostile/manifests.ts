/** Hostile manifests in a dataset whose seal fits them, and a dataset as an input. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Dataset, openDataset } from "../../src/histology/dataset/dataset.ts";
import type { DatasetDescription } from "../../src/histology/dataset/description.ts";
import { descriptionText } from "../../src/histology/dataset/description_file.ts";
import type { Brought, Expectation, HostileInput } from "./judge.ts";

export type Files = Readonly<Record<string, Buffer>>;
export const BOM = "\ufeff";

export function datasetInput(
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

/** The dataset with another manifest, whose hash dataset.json then states, sealed anew: as somebody who edits files would do it. */
function resealed(dataset: Files, manifest: Buffer): Brought {
  const description: DatasetDescription = JSON.parse(dataset["dataset.json"]!.toString());
  description.sha256.manifest = createHash("sha256").update(manifest).digest("hex");
  return { ...dataset, "manifest.csv": manifest, "dataset.json": descriptionText(description) };
}

export function manifests(dataset: Files, rows: number): HostileInput[] {
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
