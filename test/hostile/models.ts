/** A model file as an input of predict, and small models whose parts others change. */
import assert from "node:assert/strict";
import { sealOnnx } from "../../src/artifacts/model_file.ts";
import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { cast, scale } from "../../src/engine/ops/arithmetic.ts";
import { reduceMean } from "../../src/engine/ops/reduction.ts";
import { END, header, packedRows, pngFile } from "../support/png.ts";
import { HEIGHT, PIXELS, WIDTH } from "./chunks.ts";
import type { Expectation, HostileInput } from "./judge.ts";

export const PICTURE = pngFile([
  header(WIDTH, HEIGHT, 8, 2, 0, 0, 0),
  { type: "IDAT", data: packedRows(PIXELS, 3 * WIDTH) },
  END,
]);

export const CARD: Readonly<Record<string, string>> = {
  format: "2",
  model: "cancernet",
  class_names: "no IDC,IDC",
  threshold: "0.5",
  threshold_rule: "youden",
  temperature: "1",
  views: "1",
  dataset_sha256: "0".repeat(64),
  epoch: "1",
  seed: "1",
  recipe: "default",
  software: "cancernet",
  notice: "Research use only.",
};

export function modelInput(
  name: string,
  expect: Expectation,
  bytes: Uint8Array | string,
  sample = false,
): HostileInput {
  return {
    name,
    expect,
    sample,
    files: () => ({ "model.onnx": bytes, "picture.png": PICTURE, "outside.bin": Buffer.alloc(1 << 16) }),
    args: ({ at }) => ["predict", at("model.onnx"), at("picture.png"), "--json", "--device", "cpu"],
    sentence: /model/,
    check(result) {
      const { probability } = JSON.parse(String(result).trim());
      assert.ok(probability >= 0 && probability <= 1, `probability ${probability}`);
    },
  };
}

/** A model file that was made on purpose: its seal fits whatever it holds. */
export function sealedInput(name: string, expect: Expectation, bytes: Uint8Array, sample = false): HostileInput {
  return modelInput(name, expect, sealOnnx(bytes), sample);
}

/** A field of protobuf's wire format: a number, or bytes. */
export function field(number: number, value: number | bigint | Buffer | string): Buffer {
  if (typeof value === "number" || typeof value === "bigint")
    return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt(value))]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export const metadata = (key: string, value: string): Buffer =>
  field(14, Buffer.concat([field(1, key), field(2, value)]));

/** The mean brightness as a probability: a small model with a card, whose graph others change. */
export function brightness(build: (patches: Value, mean: Value) => Value = (_, mean) => mean, card = CARD): Buffer {
  const graph = new Graph();
  const patches = graph.input("patches", "uint8", ["batch", "height", "width", 3]);
  const mean = scale(reduceMean(cast(patches, "float32"), [1, 2, 3]), 1 / 255);
  graph.output("probability", build(patches, mean));
  graph.output("logit", mean);
  return Buffer.from(
    toOnnx(graph, {
      metadata: Object.fromEntries(Object.entries(card).map(([key, value]) => [`cancernet.${key}`, value])),
    }),
  );
}
