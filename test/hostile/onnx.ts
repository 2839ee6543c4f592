/** Hostile model files: cut, foreign, merged with parts that point outside, of wrong shapes, with damaged cards. */
import assert from "node:assert/strict";
import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { cast, divide, multiply, scale, shift, subtract } from "../../src/engine/ops/arithmetic.ts";
import { reduceMean, reduceSum } from "../../src/engine/ops/reduction.ts";
import { resizeNearest } from "../../src/engine/ops/sampling.ts";
import { RandomStream } from "../../src/util/random.ts";
import { END, HEIGHT, header, noise, PIXELS, packedRows, pngFile, WIDTH } from "./chunks.ts";
import type { Fixtures } from "./corpus.ts";
import type { Expectation, HostileInput } from "./judge.ts";

const SEED = 20260101;
const FLIPS = 24;
const PICTURE = pngFile([
  header(WIDTH, HEIGHT, 8, 2, 0, 0, 0),
  { type: "IDAT", data: packedRows(PIXELS, 3 * WIDTH) },
  END,
]);

const CARD: Readonly<Record<string, string>> = {
  format: "1",
  model: "cancernet",
  class_names: "no IDC,IDC",
  threshold: "0.5",
  dataset_sha256: "0".repeat(64),
  epoch: "1",
  seed: "1",
  recipe: "default",
  software: "cancernet",
  notice: "Research use only.",
};

function modelInput(name: string, expect: Expectation, bytes: Uint8Array | string, sample = false): HostileInput {
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

export function onnxInputs({ model }: Fixtures): HostileInput[] {
  return [...foreignBytes(model), ...merged(), ...graphs(), ...cards(), modelInput("sound", "result", model, true)];
}

function foreignBytes(model: Uint8Array): HostileInput[] {
  const bytes = Buffer.from(model);
  const random = new RandomStream(SEED, "flips");
  const flips = Array.from({ length: FLIPS }, (_, i) => {
    const copy = Buffer.from(bytes);
    // The graph's structure is at the start, the card at the end; between them are the weights.
    const place = i % 2 === 0 ? random.integer(6000) : bytes.length - 1 - random.integer(2000);
    copy[place] = random.integer(256);
    return modelInput(`a random byte at ${place} (${i})`, "either", copy);
  });
  const contents: Readonly<Record<string, Uint8Array | string>> = {
    "zero bytes": "",
    "one byte": "\x08",
    "a text": "not a model",
    "a picture": PICTURE,
    "a zip head": Buffer.from("PK\x03\x04 and more of it"),
    "a megabyte of zeros": Buffer.alloc(1 << 20),
    noise: noise(100, 100),
    "noise behind a sound head": Buffer.concat([bytes.subarray(0, 200), noise(500, 10)]),
    "a Git LFS pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    "a length of 2^60 bytes": Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    "an unending number": Buffer.alloc(100, 0xff),
    "groups in groups": Buffer.alloc(200_000, 0x0b),
    "messages in messages": nested(20_000),
    "a JSON text": JSON.stringify(CARD),
    "no graph": Buffer.concat(Object.entries(CARD).map(([key, value]) => metadata(`cancernet.${key}`, value))),
  };
  const cuts = [10, 100, 1000, 5000, 0.3, 0.6, 0.9, 0.9999].map((where) =>
    Math.floor(where < 1 ? where * bytes.length : where),
  );
  return [
    ...Object.entries(contents).map(([name, content]) => modelInput(name, "refused", content, name === "zero bytes")),
    ...[...cuts, bytes.length - 1].map((length, i) =>
      modelInput(`cut to ${length} bytes`, "refused", bytes.subarray(0, length), i === 4),
    ),
    ...flips,
  ];
}

/** A field of protobuf's wire format: a number, or bytes. */
function field(number: number, value: number | bigint | Buffer | string): Buffer {
  if (typeof value === "number" || typeof value === "bigint")
    return Buffer.concat([varint(BigInt(number << 3)), varint(BigInt(value))]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const metadata = (key: string, value: string): Buffer => field(14, Buffer.concat([field(1, key), field(2, value)]));

/** A graph in an attribute of a node of a graph, and so on. */
function nested(depth: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    // Built from the inside out, as each field's length comes before it.
    const tag = [7, 1, 5, 6][i === depth - 1 ? 0 : 1 + (i % 3)]!;
    const head = Buffer.concat([varint(BigInt((tag << 3) | 2)), varint(BigInt(length))]);
    parts.push(head);
    length += head.length;
  }
  return Buffer.concat(parts.reverse());
}

/** The mean brightness as a probability: a small model with a card, whose graph others change. */
function brightness(build: (patches: Value, mean: Value) => Value = (_, mean) => mean, card = CARD): Buffer {
  const graph = new Graph();
  const patches = graph.input("patches", "uint8", ["batch", "height", "width", 3]);
  const mean = scale(reduceMean(cast(patches, "float32"), [1, 2, 3]), 1 / 255);
  graph.output("probability", build(patches, mean));
  return Buffer.from(
    toOnnx(graph, {
      metadata: Object.fromEntries(Object.entries(card).map(([key, value]) => [`cancernet.${key}`, value])),
    }),
  );
}

/** Parts that others' tools write or an attacker adds: fields behind a message are merged into it. */
function merged(): HostileInput[] {
  const base = brightness();
  const inGraph = (...parts: Buffer[]) => Buffer.concat([base, field(7, Buffer.concat(parts))]);
  const entry = (key: string, value: string) => field(13, Buffer.concat([field(1, key), field(2, value)]));
  const tensor = (...parts: Buffer[]) => field(5, Buffer.concat(parts));
  const name = (text: string) => field(8, text);
  const float = field(2, 1);
  const external = (location: string) =>
    tensor(field(1, 4), float, name("extra"), entry("location", location), entry("length", "16"), field(14, 1));
  const node = (op: string, more: Buffer = Buffer.alloc(0), from = "patches", to = "unused") =>
    field(1, Buffer.concat([field(1, from), field(2, to), field(4, op), more]));
  const attribute = (...parts: Buffer[]) => field(5, Buffer.concat([field(1, "body"), ...parts]));
  const refused: Readonly<Record<string, Buffer>> = {
    "external data beside it": inGraph(external("outside.bin")),
    "external data above it": inGraph(external("../../../../../../etc/passwd")),
    "external data by an absolute path": inGraph(external("/etc/passwd")),
    "external data without a place": inGraph(tensor(field(1, 4), float, name("extra"), field(14, 1))),
    "external data of 2^62 bytes": inGraph(
      tensor(field(1, 1n << 60n), float, name("extra"), entry("location", "outside.bin"), field(14, 1)),
    ),
    "an array of 2^62 numbers": inGraph(tensor(field(1, 1n << 62n), float, name("extra"), field(9, Buffer.alloc(16)))),
    "an array of 2^31 x 2^31 numbers": inGraph(
      tensor(field(1, 1n << 31n), field(1, 1n << 31n), float, name("extra"), field(9, Buffer.alloc(16))),
    ),
    "an array of -1 numbers": inGraph(tensor(field(1, -1n), float, name("extra"), field(9, Buffer.alloc(16)))),
    "an array shorter than its shape": inGraph(tensor(field(1, 100), float, name("extra"), field(9, Buffer.alloc(16)))),
    "an array longer than its shape": inGraph(tensor(field(1, 1), float, name("extra"), field(9, Buffer.alloc(16)))),
    "an array without data": inGraph(tensor(field(1, 4), float, name("extra"))),
    "an array of type 99": inGraph(tensor(field(1, 4), field(2, 99), name("extra"), field(9, Buffer.alloc(16)))),
    "an array of texts": inGraph(tensor(field(1, 1), field(2, 8), name("extra"), field(6, "text"))),
    "an array without a name": inGraph(tensor(field(1, 4), float, field(9, Buffer.alloc(16)))),
    "a sparse array": inGraph(field(15, Buffer.concat([field(1, Buffer.alloc(0))]))),
    "a loop": inGraph(node("Loop")),
    "a condition with a graph inside": inGraph(
      node("If", attribute(field(6, field(1, field(4, "Relu"))), field(20, 5))),
    ),
    "an array as an attribute": inGraph(
      node("Relu", attribute(field(5, Buffer.concat([field(1, 1n << 40n), float])), field(20, 4))),
    ),
    "an operation of another domain": inGraph(node("Relu", field(7, "com.microsoft"))),
    "an operation that does not exist": inGraph(node("Explode")),
    "a random operation": inGraph(node("RandomNormalLike")),
    "an operation on nothing": inGraph(node("Relu", Buffer.alloc(0), "nowhere")),
    "a result made twice": inGraph(node("Identity", Buffer.alloc(0), "patches", "probability")),
    "a circle": inGraph(node("Identity", Buffer.alloc(0), "a", "b"), node("Identity", Buffer.alloc(0), "b", "a")),
    "a function": Buffer.concat([base, field(25, field(1, "Relu"))]),
    "training information": Buffer.concat([base, field(20, Buffer.alloc(0))]),
    "a field that ONNX does not have": Buffer.concat([base, field(1000, "text")]),
    "an operator set of the future": Buffer.concat([base, field(8, Buffer.concat([field(1, ""), field(2, 999)]))]),
    "a format version of the future": Buffer.concat([base, field(1, 999)]),
    "a second input": inGraph(
      field(
        11,
        Buffer.concat([field(1, "more"), field(2, field(1, Buffer.concat([field(1, 1), field(2, Buffer.alloc(0))])))]),
      ),
    ),
  };
  return Object.entries(refused).map(([what, bytes]) =>
    modelInput(what, "refused", bytes, what === "external data above it"),
  );
}

/** An operation without the checks of sizes that our own builders make. */
function loose(op: "Reshape" | "Concat" | "Expand", inputs: Value[], attributes: Record<string, number> = {}): Value {
  const [{ graph, type }] = inputs as [Value];
  return graph.emit(op, inputs, [{ type, shape: ["any"] }], attributes)[0]!;
}

const reshaped = (x: Value, shape: number[]): Value => loose("Reshape", [x, x.graph.integers(shape)]);
const expanded = (x: Value, shape: number[]): Value => loose("Expand", [x, x.graph.integers(shape)]);
const joined = (values: Value[], axis: number): Value => loose("Concat", values, { axis });

function graphs(): HostileInput[] {
  const other = (
    input: string,
    output: string,
    type: "uint8" | "float32" = "uint8",
    shape: (string | number)[] = ["batch", "height", "width", 3],
  ): Buffer => {
    const graph = new Graph();
    const value = graph.input(input, type, shape);
    graph.output(output, scale(reduceMean(cast(value, "float32"), shape.map((_, i) => i).slice(1)), 1 / 255));
    return Buffer.from(
      toOnnx(graph, {
        metadata: Object.fromEntries(Object.entries(CARD).map(([key, value]) => [`cancernet.${key}`, value])),
      }),
    );
  };
  const asFloat = (patches: Value) => cast(patches, "float32");
  const toOne = (x: Value) => scale(reduceMean(x, [1, 2, 3]), 1 / 255);
  return [
    modelInput("a small sound graph", "result", brightness()),
    modelInput("no card", "refused", brightness(undefined, {})),
    modelInput("another name of the input", "refused", other("image", "probability")),
    modelInput("another name of the output", "refused", other("patches", "score")),
    modelInput("an input of floats", "refused", other("patches", "probability", "float32")),
    modelInput(
      "an input of three dimensions",
      "refused",
      other("patches", "probability", "uint8", ["batch", "height", 3]),
    ),
    modelInput(
      "an input of one channel",
      "refused",
      other("patches", "probability", "uint8", ["batch", "height", "width", 1]),
    ),
    modelInput("an input of 224 x 224", "refused", other("patches", "probability", "uint8", ["batch", 224, 224, 3])),
    modelInput("a batch of 1 alone", "refused", other("patches", "probability", "uint8", [1, "height", "width", 3])),
    modelInput(
      "an output of two dimensions",
      "refused",
      brightness((_, mean) => reshaped(mean, [-1, 1])),
    ),
    modelInput(
      "an output of two numbers an image",
      "refused",
      brightness((_, mean) => joined([mean, mean], 0)),
    ),
    modelInput(
      "an output of one number",
      "refused",
      brightness((_, mean) => reduceSum(mean, [0])),
    ),
    modelInput(
      "an output of whole numbers",
      "refused",
      brightness((patches) => cast(toOne(asFloat(patches)), "uint8")),
    ),
    modelInput(
      "NaN",
      "refused",
      brightness((_, mean) => divide(subtract(mean, mean), subtract(mean, mean))),
      true,
    ),
    modelInput(
      "infinity",
      "refused",
      brightness((_, mean) => divide(shift(mean, 1), subtract(mean, mean))),
    ),
    modelInput(
      "a probability above 1",
      "refused",
      brightness((_, mean) => shift(mean, 1.01)),
    ),
    modelInput(
      "a probability below 0",
      "refused",
      brightness((_, mean) => shift(mean, -1.01)),
    ),
    modelInput(
      "shapes that do not fit",
      "refused",
      brightness((patches) => toOne(reshaped(asFloat(patches), [7, 7, 7, 7]))),
    ),
    modelInput(
      "images made 100,000 x 100,000",
      "refused",
      brightness((patches) => toOne(resizeNearest(asFloat(patches), 100_000, 100_000))),
      true,
    ),
    modelInput(
      "an array expanded to 2^40",
      "refused",
      brightness((_, mean) =>
        multiply(mean, reduceSum(expanded(mean.graph.constant(Float32Array.of(0), [1]), [2 ** 40]), [0], true)),
      ),
      true,
    ),
    modelInput(
      "an array expanded to 2^34",
      "refused",
      brightness((_, mean) =>
        multiply(mean, reduceSum(expanded(mean.graph.constant(Float32Array.of(0), [1]), [2 ** 34]), [0], true)),
      ),
    ),
    modelInput(
      "10,000 operations",
      "either",
      brightness((_, mean) => Array.from({ length: 10_000 }).reduce<Value>((x) => scale(x, 1), mean)),
    ),
  ];
}

function cards(): HostileInput[] {
  const wrong: readonly (readonly [string, string])[] = [
    ...["NaN", "", "2", "-0.1", "abc", "Infinity", "1e999", "0x1", "[]"].map((value) => ["threshold", value] as const),
    ...["0", "2", "", "1.0", "abc"].map((value) => ["format", value] as const),
    ...["", "IDC", "a,b,c", ",", "IDC,IDC"].map((value) => ["class_names", value] as const),
    ...["abc", "", "-1", "1.5", "1e999"].map((value) => ["epoch", value] as const),
    ...["abc", "", "1e999"].map((value) => ["seed", value] as const),
  ];
  const either = new Set(["class_names = IDC,IDC"]);
  return [
    ...Object.keys(CARD).map((key) => {
      const { [key]: _, ...rest } = CARD;
      return modelInput(`card without ${key}`, "refused", brightness(undefined, rest));
    }),
    ...wrong.map(([key, value]) => {
      const what = `${key} = ${value}`;
      return modelInput(
        `card: ${what}`,
        either.has(what) ? "either" : "refused",
        brightness(undefined, { ...CARD, [key]: value }),
      );
    }),
    modelInput(
      "card: terminal codes as a class name",
      "result",
      brightness(undefined, { ...CARD, class_names: "no\u001b[2J,IDC" }),
    ),
    modelInput("card: a recipe of 10 MB", "result", brightness(undefined, { ...CARD, recipe: "x".repeat(10_000_000) })),
    modelInput(
      "card: __proto__ as a key",
      "result",
      Buffer.concat([brightness(), metadata("cancernet.__proto__", "1"), metadata("__proto__", "1")]),
    ),
    modelInput("card: a key twice", "result", Buffer.concat([brightness(), metadata("cancernet.epoch", "3")])),
    modelInput("card: keys of other tools", "result", Buffer.concat([brightness(), metadata("author", "somebody")])),
  ];
}
