/** Fuzzing of everything that reads a file of somebody else's: a value, or one sentence, whatever the bytes. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { locateModel } from "../../src/artifacts/run_folder.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { onnxMetadata } from "../../src/engine/graph/read_onnx.ts";
import { parseDescription } from "../../src/histology/dataset/description_file.ts";
import { readPlace } from "../../src/histology/dataset/file_place.ts";
import { manifestParts, readManifest } from "../../src/histology/dataset/manifest.ts";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { parsePath } from "../../src/histology/dataset/parse_path.ts";
import type { PatchRow } from "../../src/histology/dataset/patch_row.ts";
import { readSplitLists } from "../../src/histology/dataset/split_lists.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { fromCsv, toCsv } from "../../src/util/csv.ts";
import { printable } from "../../src/util/errors.ts";
import { richChunks } from "../hostile/chunks.ts";
import { COHORT } from "../hostile/zip_support.ts";
import { cancernet } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { pngFile } from "../support/png.ts";
import { zipFile } from "../support/zip.ts";
import { damaged, damages, orRefused, runs } from "./runs.ts";

const at = useFolder("fuzz");

const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.string({ unit: "grapheme" }));
const json = fc.json({ noUnicodeString: false } as fc.JsonSharedConstraints);

test("a path is a patch with an id, or is left out with a reason", () => {
  const segment = fc.oneof(
    texts,
    fc.constantFrom("0", "1", "900", "IDC_regular_ps50_idx5", "train", "x.png", "900_idx5_x1_y1_class0.png"),
  );
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
      const parsed = parsePath(segments.join("/"));
      if ("reason" in parsed) return assert.notEqual(parsed.reason, "");
      assert.ok(parsed.label === 0 || parsed.label === 1);
      assert.doesNotMatch(parsed.id, /\p{Cc}/u);
      for (const place of [parsed.x, parsed.y]) assert.ok(place === undefined || Number.isSafeInteger(place));
    }),
    runs(2000),
  );
});

test("a table of texts comes back as it was written, and any text is a table or refused", async () => {
  const cell = texts.map((text) => text.toWellFormed());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), texts, async (rows, text) => {
      // A row of empty fields alone is skipped as an empty line.
      const read = fromCsv(toCsv(["a", "b"], rows), ["a", "b"], "t.csv");
      assert.deepEqual(
        read.map(({ a, b }) => [a, b]),
        rows,
      );
      await orRefused(() => fromCsv(text, ["a"], "t.csv"));
    }),
    runs(300),
  );
});

test("a damaged manifest is refused or read as rows that are sound", async () => {
  const rows: PatchRow[] = Array.from({ length: 12 }, (_, i) => ({
    id: `p ${i}`,
    caseId: String(i % 3),
    x: i % 2 === 0 ? undefined : i,
    y: i % 2 === 0 ? undefined : i,
    label: (i % 2) as 0 | 1,
    split: "train",
    width: 50,
    height: 50,
    source: `${i}/${i}.png`,
  }));
  const whole = Buffer.from([...manifestParts(rows)].join(""));
  await fc.assert(
    fc.asyncProperty(damages, async (list) => {
      const read = await orRefused(() => readManifest(damaged(whole, list), "manifest.csv"));
      for (const { id, x, width, height, label, source } of read ?? []) {
        assert.ok(id !== "" && source !== "" && width >= 1 && height >= 1 && (label === 0 || label === 1));
        assert.ok(x === undefined || Number.isSafeInteger(x));
      }
    }),
    runs(1000),
  );
});

test("any JSON and any text is a description of a dataset or a run, or refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, texts), async (text) => {
      assert.equal(await orRefused(() => parseDescription(text, "dataset.json")), undefined);
      writeFileSync(at("run.json"), text);
      assert.equal(await orRefused(() => locateModel(at())), undefined);
    }),
    runs(200),
  );
});

test("case lists of any bytes give cases without blanks around them, or are refused", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          texts.map((text) => Buffer.from(text)),
          fc.uint8Array(),
        ),
        { minLength: 3, maxLength: 3 },
      ),
      async (lists) => {
        for (const [index, split] of ["train", "val", "test"].entries())
          writeFileSync(at(`cases_${split}.txt`), lists[index]!);
        for (const caseId of (await orRefused(() => readSplitLists(at())))?.keys() ?? [])
          assert.equal(caseId, caseId.trim());
      },
    ),
    runs(100),
  );
});

test("a damaged archive is refused, or its files are refused or whole", async () => {
  const whole = zipFile(COHORT);
  const contents = new Map(COHORT.map(({ name, bytes }) => [name as string, bytes]));
  await fc.assert(
    fc.asyncProperty(damages, async (list) => {
      writeFileSync(at("a.zip"), damaged(whole, list));
      const source = await orRefused(() => openSource(at("a.zip")));
      for (const path of source?.paths ?? []) {
        const bytes = await orRefused(async () => readPlace(source!.locate(path)));
        const original = contents.get(path);
        if (bytes && original) assert.deepEqual(Buffer.from(bytes), original);
      }
      await source?.close();
    }),
    runs(250),
  );
});

test("a damaged picture is refused or has as many pixels as it says", async () => {
  const whole = pngFile(richChunks());
  await fc.assert(
    fc.asyncProperty(damages, async (list) => {
      const image = await orRefused(() => decodeImage(damaged(whole, list), "picture.png"));
      if (image) assert.equal(image.data.length, image.width * image.height * 3);
    }),
    runs(150),
  );
});

test("the metadata of a damaged model file are texts, or it is refused with a reason", () => {
  const graph = new Graph();
  graph.output("y", graph.constant(Float32Array.of(1, 2), [2]));
  const whole = toOnnx(graph, { metadata: { one: "1", two: "2" } });
  assert.deepEqual(onnxMetadata(whole), { one: "1", two: "2" });
  fc.assert(
    fc.property(damages, (list) => {
      try {
        for (const value of Object.values(onnxMetadata(damaged(whole, list)))) assert.equal(typeof value, "string");
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof assert.AssertionError) && error.message !== "");
        assert.ok(!(error instanceof TypeError), `${error.stack}`);
      }
    }),
    runs(1500),
  );
});

test("a sentence stays on one line, whatever names are in it", () => {
  fc.assert(
    fc.property(texts, (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.equal(printable(printable(text)), printable(text));
    }),
    runs(500),
  );
});

test("any command line ends with help, a refusal or a result, never as a bug", async () => {
  const words = fc.oneof(
    fc.constantFrom(
      "prepare",
      "train",
      "evaluate",
      "predict",
      "--out",
      "--seed",
      "--split",
      "--summary",
      "--help",
      "--json",
      "-h",
      "--",
      "-",
      "--no-json",
      "nowhere",
      "1",
      "-1",
      "=",
    ),
    fc.constantFrom("--epochs=3", "--recipe=tutorial", "__proto__", "--__proto__", "constructor", "nothing here"),
    texts.filter((text) => !/[/\\]/.test(text) && text !== "." && text !== ".."),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 6 }), async (args) => {
      // A source that exists might be read and an output written: none of the words names one.
      const { code, err } = await cancernet(args, { folder: resolve("/") });
      assert.ok(code === 0 || code === 2, `${code}: ${err}`);
      if (code === 2) assert.match(err, /^(warning: .*\n)*cancernet: [^\n]*[.?]\)?\n$/);
    }),
    runs(300),
  );
});
