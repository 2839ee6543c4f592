/** The verb "probe" on a small synthetic dataset: what an extractor is given, what is written, what goes on, what is refused. */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Value } from "../../src/engine/graph/graph.ts";
import { scale } from "../../src/engine/ops/arithmetic.ts";
import { type Dataset, openDataset } from "../../src/histology/dataset/dataset.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { bilinearResizer } from "../../src/histology/image/resize.ts";
import { computeMetrics } from "../../src/metrics/table.ts";
import { compareOptions } from "../../src/options/compare.ts";
import { probeOptions } from "../../src/options/probe.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { silent } from "../../src/util/reporter.ts";
import { compare } from "../../src/workflows/compare.ts";
import { probe } from "../../src/workflows/probe.ts";
import { context, drawDataset } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { extractorBytes } from "../support/inputs.ts";
import { type Refusal, refused } from "../support/refused.ts";
import {
  extractor,
  onePatch,
  oneRow,
  pixels,
  randomFeatures,
  retyped,
  writeWithExternalWeights,
} from "./probe/extractors.ts";

let dataset: Dataset;
const at = useFolder("probe's");
const textOf = (...names: string[]) => readFileSync(at(...names), "utf8");

before(async () => {
  await drawDataset(at, { patchesPerCase: 30 });
  dataset = await openDataset(at("dataset"));
  writeFileSync(at("random.onnx"), extractorBytes());
});

after(() => {
  dataset.close();
});

const run = async (out: string, more: object = {}, signal = context.signal) => {
  const options = probeOptions.parse({ dataset: at("dataset"), features: at("random.onnx"), out: at(out), ...more });
  return (await probe(options, { ...context, signal })).report;
};

function floatsOf(...names: string[]): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(at(...names))).buffer);
}

function recordOf(index: number): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  dataset.read(index, record, 0);
  return record;
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** What an extractor of each form must be given, from the definition. */
const FORMS: readonly (readonly [
  name: string,
  wanted: Parameters<typeof extractor>[0],
  options: object,
  expected: (value: number, channel: number) => number,
  side: number,
  channelsLast: boolean,
])[] = [
  [
    "float, channels first, ImageNet's numbers",
    { shape: ["batch", 3, 50, 50] },
    {},
    (v, c) => (v / 255 - IMAGENET.mean[c]!) / IMAGENET.std[c]!,
    50,
    false,
  ],
  [
    "float, channels last, own numbers",
    { shape: ["batch", 50, 50, 3] },
    { mean: "0.5,0.25,0", std: "1,.5,2" },
    (v, c) => (v / 255 - [0.5, 0.25, 0][c]!) / [1, 0.5, 2][c]!,
    50,
    true,
  ],
  ["bytes, channels last", { type: "uint8", shape: ["batch", 50, 50, 3] }, {}, (v) => v, 50, true],
  [
    "bytes, channels first, smaller",
    { type: "uint8", shape: ["batch", 3, 20, 20] },
    {},
    (v) => Math.floor(v + 0.5),
    20,
    false,
  ],
  [
    "float, every dimension open",
    { shape: ["batch", "channels", "height", "width"] },
    { size: 64, mean: "0,0,0", std: "1,1,1" },
    (v) => v / 255,
    64,
    false,
  ],
  ["float, one patch a run", { shape: [1, 3, 50, 50] }, { mean: "0,0,0", std: "1,1,1" }, (v) => v / 255, 50, false],
];

for (const [name, wanted, options, expected, side, channelsLast] of FORMS) {
  test(`an extractor is given patches as it wants them: ${name}`, async () => {
    const open = wanted.shape.includes("height");
    // Where sizes are open, the means of the channels stand for the pixels.
    const features = open ? undefined : pixels;
    writeFileSync(at("form.onnx"), extractor({ ...wanted, ...(features ? { features } : {}) }));
    rmSync(at("form"), { recursive: true, force: true });
    await run("form", { features: at("form.onnx"), ...options });
    const found = floatsOf("form", "features.bin");
    const width = found.length / dataset.rows.length;
    const resize = bilinearResizer({ width: 50, height: 50 }, { width: side, height: side });
    const resized = new Float32Array(side * side * 3);
    for (const row of [0, 1, 17, dataset.rows.length - 1]) {
      resize(recordOf(row), resized);
      const values = Array.from(resized, (value, i) => expected(value, i % 3));
      const planes = [0, 1, 2].map((channel) => values.filter((_, i) => i % 3 === channel));
      const means = planes.map((plane) => plane.reduce((sum, value) => sum + value, 0) / plane.length);
      const wantedRow = open ? means : channelsLast ? values : planes.flat();
      assert.equal(width, wantedRow.length);
      for (const [i, value] of wantedRow.entries()) {
        const got = found[row * width + i]!;
        assert.ok(Math.abs(got - value) < 1e-5 * Math.max(1, Math.abs(value)), `row ${row}, ${i}: ${got} for ${value}`);
      }
    }
  });
}

test("float16 and float64 in and out give what float32 gives, to their precision", async () => {
  const bytes = extractor({ shape: ["batch", 3, 12, 12], features: pixels });
  writeFileSync(at("typed.onnx"), bytes);
  await run("float32", { features: at("typed.onnx") });
  const expected = floatsOf("float32", "features.bin");
  for (const [type, step] of [
    ["float16", 2 ** -11],
    ["float64", 2 ** -24],
  ] as const) {
    writeFileSync(at("typed.onnx"), retyped(bytes, type));
    await run(type, { features: at("typed.onnx") });
    const found = floatsOf(type, "features.bin");
    assert.equal(found.length, expected.length);
    const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value / expected[i]! - 1)), 0);
    assert.ok(worst <= step, `${type}: ${worst}`);
    if (type === "float16") assert.ok(worst > step / 4, `float16 is rounded: ${worst}`);
  }
});

test("an extractor that takes one patch whatever it says gets one; trailing axes of length 1 are none", async () => {
  writeFileSync(at("pixels.onnx"), extractor({ shape: ["batch", 3, 12, 12], features: pixels }));
  await run("sixteen", { features: at("pixels.onnx") });
  const trailing = (images: Value): Value =>
    images.graph.emit(
      "Reshape",
      [images, images.graph.integers([-1, 432, 1, 1])],
      [{ type: "float32", shape: ["batch", 432, 1, 1] }],
    )[0]!;
  for (const [name, features] of Object.entries({ onePatch, oneRow, trailing })) {
    writeFileSync(at(`${name}.onnx`), extractor({ shape: ["batch", 3, 12, 12], features }));
    await run(name, { features: at(`${name}.onnx`) });
    assert.ok(readFileSync(at(name, "features.bin")).equals(readFileSync(at("sixteen", "features.bin"))), name);
  }
});

test("a report as of any model, the probe in numbers that give it again, and the same again", async () => {
  const report = await run("first");
  assert.deepEqual(readdirSync(at("first")).sort(), [
    "features.bin",
    "features.json",
    "predictions.csv",
    "probe.json",
    "probe.lock",
    "report.html",
    "report.json",
  ]);
  const fitted = JSON.parse(textOf("first", "probe.json"));
  const features = floatsOf("first", "features.bin");
  const rows = fromCsv(textOf("first", "predictions.csv"), ["id", "label", "probability"], "predictions.csv");
  const indices = dataset.indicesOf("test");
  assert.equal(rows.length, indices.length);
  for (const [place, index] of indices.entries()) {
    const own = features.subarray(index * 40, (index + 1) * 40);
    const score = own.reduce(
      (sum, value, i) => sum + (fitted.weights[i] * (value - fitted.means[i])) / fitted.scales[i],
      fitted.bias,
    );
    const probability = 1 / (1 + Math.exp(-score / fitted.temperature));
    assert.equal(rows[place]!.id, dataset.rows[index]!.id);
    assert.ok(Math.abs(Number(rows[place]!.probability) - probability) < 1e-6, `patch ${rows[place]!.id}`);
  }
  const labels = rows.map(({ label }) => Number(label));
  const metrics = computeMetrics(
    labels,
    rows.map(({ probability }) => Number(probability)),
    report.threshold,
  );
  assert.equal(report.metrics.auroc.value, metrics.auroc.value);
  assert.equal(report.threshold, fitted.threshold);
  assert.deepEqual(report.leakage, {
    checked: true,
    overlaps: ["train", "val"].map((split) => ({ split, shared_cases: 0, shared_patches: 0 })),
    found: false,
  });
  const best = Math.max(...fitted.penalties.map((one: { val_auroc: number }) => one.val_auroc));
  assert.equal(fitted.penalties.find((one: { penalty: number }) => one.penalty === fitted.penalty).val_auroc, best);
  const before = Object.fromEntries(readdirSync(at("first")).map((name) => [name, textOf("first", name)]));
  await run("first");
  for (const [name, text] of Object.entries(before)) assert.equal(textOf("first", name), text, name);
});

test("train's features have mean 0 and deviation 1 by the probe's own numbers", async () => {
  if (!existsSync(at("first"))) await run("first");
  const { means, scales } = JSON.parse(textOf("first", "probe.json"));
  const features = floatsOf("first", "features.bin");
  const train = [...dataset.indicesOf("train")];
  for (const column of [0, 7, 39]) {
    const values = train.map((row) => (features[row * 40 + column]! - means[column]) / scales[column]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    assert.ok(Math.abs(mean) < 1e-6 && Math.abs(square - 1) < 1e-5, `column ${column}: ${mean}, ${square}`);
  }
});

test("compare takes a probe as it takes a run", async () => {
  if (!existsSync(at("first"))) await run("first");
  writeFileSync(at("other.onnx"), extractor({ shape: ["batch", 3, 12, 12], features: randomFeatures(2) }));
  await run("second", { features: at("other.onnx") });
  const { runs, patches } = await compare(compareOptions.parse({ runs: [at("first"), at("second")] }), context);
  assert.equal(patches, dataset.indicesOf("test").length);
  assert.deepEqual(
    runs.map(({ model }) => model.name),
    ["linear probe of random.onnx", "linear probe of other.onnx"],
  );
});

test("an interrupted probe goes on with the same command, and ends with the same bytes", async () => {
  if (!existsSync(at("first"))) await run("first");
  const stop = new AbortController();
  const reporter = {
    ...silent,
    progress: ({ task, done }: { task: string; done: number }) => {
      if (task === "extract-features" && done >= 64) stop.abort(new Error("stopped"));
    },
  };
  const options = probeOptions.parse({ dataset: at("dataset"), features: at("random.onnx"), out: at("third") });
  await assert.rejects(probe(options, { reporter, signal: stop.signal }), /stopped/);
  const { done } = JSON.parse(textOf("third", "features.json"));
  assert.equal(done, 64);
  // What a killed process had written after its last save counts for nothing.
  writeFileSync(
    at("third", "features.bin"),
    Buffer.concat([readFileSync(at("third", "features.bin")), Buffer.from("rest")]),
  );
  const seen: number[] = [];
  const progress = ({ task, done: now }: { task: string; done: number }) => {
    if (task === "extract-features") seen.push(now);
  };
  await probe(options, { reporter: { ...silent, progress }, signal: context.signal });
  assert.equal(seen[0], 80);
  for (const name of ["features.bin", "features.json", "probe.json", "predictions.csv"]) {
    assert.ok(readFileSync(at("third", name)).equals(readFileSync(at("first", name))), name);
  }
});

test("weights in a file beside the extractor are found, and noticed when they are exchanged", async () => {
  const bytes = readFileSync(at("random.onnx"));
  mkdirSync(at("outside"));
  writeWithExternalWeights(at("outside", "model.onnx"), at("outside", "weights.bin"), "weights.bin", bytes);
  const features = at("outside", "model.onnx");
  await run("external", { features });
  if (!existsSync(at("first"))) await run("first");
  assert.deepEqual(floatsOf("external", "features.bin"), floatsOf("first", "features.bin"));
  const weights = floatsOf("outside", "weights.bin").map((value) => -value);
  writeFileSync(at("outside", "weights.bin"), Buffer.from(weights.buffer));
  await assert.rejects(run("external", { features }), refused("output-mismatch", "weights"));
});

test("features that were changed, and those of other work, are not taken", async () => {
  if (!existsSync(at("first"))) await run("first");
  const changed = (name: string, change: (bytes: Buffer) => Buffer) => {
    mkdirSync(at(name));
    for (const file of ["features.bin", "features.json"]) copyFileSync(at("first", file), at(name, file));
    writeFileSync(at(name, "features.bin"), change(readFileSync(at(name, "features.bin"))));
  };
  const refusal = refused("features-damaged", "features.bin");
  changed("flipped", (bytes) => bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)) as Buffer);
  await assert.rejects(run("flipped"), refusal);
  changed("cut", (bytes) => bytes.subarray(0, -40));
  await assert.rejects(run("cut"), refusal);
  await assert.rejects(run("first", { mean: "0,0,0" }), refused("output-mismatch", "normalization"));
  writeFileSync(at("same shape.onnx"), extractor({ shape: ["batch", 3, 12, 12], features: randomFeatures(3) }));
  await assert.rejects(
    run("first", { features: at("same shape.onnx") }),
    refused("output-mismatch", "extractor_sha256"),
  );
});

const square = ["batch", 3, 12, 12] as const;
const notANumber = (images: Value): Value => scale(pixels(images), Number.POSITIVE_INFINITY);

/** Extractors and options that cannot be, and the sentence that says why. */
const REFUSED: readonly (readonly [
  name: string,
  bytes: () => Uint8Array | string,
  options: object,
  refusal: Refusal,
])[] = [
  ["no ONNX", () => "not a model", {}, refused("extractor-unsuitable", "extractor.onnx")],
  [
    "an open size",
    () => extractor({ shape: ["batch", 3, "height", "width"] }),
    {},
    refused("option-missing", "--size"),
  ],
  [
    "another size than the file's",
    () => extractor({ shape: square }),
    { size: 224 },
    refused("option-invalid", "--size 224"),
  ],
  [
    "one channel",
    () => extractor({ shape: ["batch", 1, 12, 12] }),
    {},
    refused(
      "extractor-unsuitable",
      /is float32 \[batch, 1, 12, 12\], expected float32, float16, float64, uint8 as \[batch, 3, height, width\]/,
    ),
  ],
  [
    "three dimensions",
    () => extractor({ shape: [3, 12, 12], features: (x) => x }),
    {},
    refused("extractor-unsuitable", /is float32 \[3, 12, 12\], expected/),
  ],
  [
    "a mean for bytes",
    () => extractor({ type: "uint8", shape: square }),
    { mean: "0,0,0" },
    refused("option-invalid", "--mean"),
  ],
  [
    "tokens",
    () => extractor({ shape: square, features: (x) => x }),
    {},
    refused(
      "extractor-unsuitable",
      /The output "features" of .* is \[16, 3, 12, 12\] for 16 patches, expected \[16, features\]/,
    ),
  ],
  [
    "an unknown output",
    () => extractor({ shape: square }),
    { output: "pooled" },
    refused("option-invalid", /"pooled" .*features/),
  ],
  [
    "a size that it cannot be run at",
    () => extractor({ shape: ["batch", 3, "height", "width"], features: (x) => matMulOfSize(x) }),
    { size: 13 },
    refused("extractor-unsuitable", /cannot be run on images of 13 x 13 .*: check whether --size suits it/),
  ],
  [
    "operations that fail at the size that the file states",
    () => extractor({ shape: ["batch", 3, 13, 13], features: onePatch }),
    {},
    refused(
      "extractor-unsuitable",
      /cannot be run \(.*\): check that ONNX Runtime runs it on images of 13 x 13, or export it again/,
    ),
  ],
  [
    "features that are not finite",
    () => extractor({ shape: square, features: notANumber }),
    {},
    refused("extractor-unsuitable", /The extractor gives (NaN|-?Infinity) for patch/),
  ],
];

function matMulOfSize(images: Value): Value {
  return images.graph.emit(
    "MatMul",
    [images, images.graph.constant(new Float32Array(12), [12, 1], "column")],
    [{ type: "float32", shape: ["batch", 3, "height", 1] }],
  )[0]!;
}

for (const [name, bytes, options, refusal] of REFUSED) {
  test(`refused: ${name}`, async () => {
    writeFileSync(at("extractor.onnx"), bytes());
    const out = `refused ${name}`;
    await assert.rejects(run(out, { features: at("extractor.onnx"), ...options }), refusal);
    assert.ok(!existsSync(at(out, "report.json")));
  });
}

test("refused: a folder that holds something else, a file that is not there, numbers that are none", async () => {
  mkdirSync(at("full"));
  writeFileSync(at("full", "thesis.txt"), "precious");
  await assert.rejects(run("full"), refused("output-exists"));
  await assert.rejects(run("out", { features: at("nothing.onnx") }), refused("extractor-missing", "nothing.onnx"));
  for (const mean of ["1,2", "a,b,c", "1;2;3", "1,2,3,4", "1,,2"]) {
    assert.equal(probeOptions.safeParse({ dataset: "d", features: "f", out: "o", mean }).success, false, mean);
  }
  assert.equal(probeOptions.safeParse({ dataset: "d", features: "f", out: "o", std: "1,0,1" }).success, false);
});
