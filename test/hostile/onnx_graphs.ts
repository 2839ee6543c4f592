import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { cast, divide, multiply, scale, shift, subtract } from "../../src/engine/ops/arithmetic.ts";
import { reduceMean, reduceSum } from "../../src/engine/ops/reduction.ts";
import { nearestResize } from "../../src/engine/ops/sampling.ts";
import type { HostileInput } from "./judge.ts";
import { brightness, CARD, field, sealedInput } from "./models.ts";

/** Parts that others' tools write or an attacker adds: fields behind a message are merged into it. */
export function merged(): HostileInput[] {
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
    sealedInput(what, "refused", bytes, what === "external data above it"),
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

export function graphs(): HostileInput[] {
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
    sealedInput("a small sound graph", "result", brightness()),
    sealedInput("no card", "refused", brightness(undefined, {})),
    sealedInput("another name of the input", "refused", other("image", "probability")),
    sealedInput("another name of the output", "refused", other("patches", "score")),
    sealedInput("an input of floats", "refused", other("patches", "probability", "float32")),
    sealedInput(
      "an input of three dimensions",
      "refused",
      other("patches", "probability", "uint8", ["batch", "height", 3]),
    ),
    sealedInput(
      "an input of one channel",
      "refused",
      other("patches", "probability", "uint8", ["batch", "height", "width", 1]),
    ),
    sealedInput("an input of 224 x 224", "refused", other("patches", "probability", "uint8", ["batch", 224, 224, 3])),
    sealedInput("a batch of 1 alone", "refused", other("patches", "probability", "uint8", [1, "height", "width", 3])),
    sealedInput(
      "an output of two dimensions",
      "refused",
      brightness((_, mean) => reshaped(mean, [-1, 1])),
    ),
    sealedInput(
      "an output of two numbers an image",
      "refused",
      brightness((_, mean) => joined([mean, mean], 0)),
    ),
    sealedInput(
      "an output of one number",
      "refused",
      brightness((_, mean) => reduceSum(mean, [0])),
    ),
    sealedInput(
      "an output of whole numbers",
      "refused",
      brightness((patches) => cast(toOne(asFloat(patches)), "uint8")),
    ),
    sealedInput(
      "NaN",
      "refused",
      brightness((_, mean) => divide(subtract(mean, mean), subtract(mean, mean))),
      true,
    ),
    sealedInput(
      "infinity",
      "refused",
      brightness((_, mean) => divide(shift(mean, 1), subtract(mean, mean))),
    ),
    sealedInput(
      "a probability above 1",
      "refused",
      brightness((_, mean) => shift(mean, 1.01)),
    ),
    sealedInput(
      "a probability below 0",
      "refused",
      brightness((_, mean) => shift(mean, -1.01)),
    ),
    sealedInput(
      "shapes that do not fit",
      "refused",
      brightness((patches) => toOne(reshaped(asFloat(patches), [7, 7, 7, 7]))),
    ),
    sealedInput(
      "images made 100,000 x 100,000",
      "refused",
      brightness((patches) => toOne(nearestResize(asFloat(patches), 100_000, 100_000))),
      true,
    ),
    sealedInput(
      "an array expanded to 2^40",
      "refused",
      brightness((_, mean) =>
        multiply(mean, reduceSum(expanded(mean.graph.constant(Float32Array.of(0), [1]), [2 ** 40]), [0], true)),
      ),
      true,
    ),
    sealedInput(
      "an array expanded to 2^34",
      "refused",
      brightness((_, mean) =>
        multiply(mean, reduceSum(expanded(mean.graph.constant(Float32Array.of(0), [1]), [2 ** 34]), [0], true)),
      ),
    ),
    sealedInput(
      "10,000 operations",
      "either",
      brightness((_, mean) => Array.from({ length: 10_000 }).reduce<Value>((x) => scale(x, 1), mean)),
    ),
  ];
}
