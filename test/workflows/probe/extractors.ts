/** Small ONNX feature extractors: of every input that probe knows, of wrong ones, and one whose weights lie in another file. */
import { writeFileSync } from "node:fs";
import protobuf from "protobufjs";
import { Graph, type Value } from "../../../src/engine/graph/graph.ts";
import { toOnnx } from "../../../src/engine/graph/onnx.ts";
import type { Dimension } from "../../../src/engine/graph/shape.ts";
import { cast, relu, scale } from "../../../src/engine/ops/arithmetic.ts";
import { matMul } from "../../../src/engine/ops/linear.ts";
import { reduceMean } from "../../../src/engine/ops/reduction.ts";
import { flatten, transpose } from "../../../src/engine/ops/shaping.ts";
import { RandomStream } from "../../../src/system/random.ts";

interface Wanted {
  readonly type?: "float32" | "uint8";
  readonly shape: readonly Dimension[];
  /** What it gives of the images. */
  readonly features?: (images: Value) => Value;
}

/** An extractor; unless told otherwise it gives the mean of each channel, or of each row of the last dimension. */
export function extractor({ type = "float32", shape, features }: Wanted): Uint8Array {
  const graph = new Graph();
  const images = graph.input("images", type, shape);
  const floats = type === "uint8" ? cast(images, "float32") : images;
  graph.output("features", features ? features(floats) : reduceMean(floats, shape[3] === 3 ? [1, 2] : [2, 3]));
  return toOnnx(graph);
}

/** All pixels as they come, in the order of the input: [batch, pixels * 3]. */
export const pixels = (images: Value): Value => flatten(images);

/** 40 features of the pixels of 12 x 12 images, channels last: random, but the same always. */
export function randomFeatures(seed = 1): (images: Value) => Value {
  return (images) => {
    const random = new RandomStream(seed, "features");
    const weights = Float32Array.from({ length: 432 * 40 }, () => random.uniform(-0.1, 0.1));
    const flat = flatten(transpose(images, [0, 2, 3, 1]));
    return relu(scale(matMul(flat, images.graph.constant(weights, [432, 40], "weights")), 1));
  };
}

/** As much of the ONNX format as is needed to move an array into another file. */
const Model = protobuf
  .parse(
    `syntax = "proto2"; package onnx;
   message Entry { optional string key = 1; optional string value = 2; }
   message Attribute { optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
     repeated float floats = 7; repeated int64 ints = 8; optional int32 type = 20; }
   message Node { repeated string input = 1; repeated string output = 2; optional string name = 3;
     optional string op_type = 4; repeated Attribute attribute = 5; optional string domain = 7; }
   message Tensor { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8;
     optional bytes raw_data = 9; repeated Entry external_data = 13; optional int32 data_location = 14; }
   message TensorType { optional int32 elem_type = 1; optional bytes shape = 2; }
   message Type { optional TensorType tensor_type = 1; }
   message Info { optional string name = 1; optional Type type = 2; }
   message Graph { repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5;
     repeated Info input = 11; repeated Info output = 12; }
   message Opset { optional string domain = 1; optional int64 version = 2; }
   message Model { optional int64 ir_version = 1; repeated Opset opset_import = 8; optional Graph graph = 7; }`,
    { keepCase: true },
  )
  .root.lookupType("onnx.Model");

interface Decoded {
  graph: { initializer: { name: string; raw_data?: Uint8Array; external_data: object[]; data_location: number }[] };
}

/** ONNX's numbers of types (TensorProto.DataType). */
export const ELEMENT_TYPES = { float32: 1, float16: 10, float64: 11 } as const;

interface Info {
  name: string;
  type: { tensor_type: { elem_type: number } };
}

/** The same extractor with input and output of another type, as exporters of smaller models write it: it casts inside. */
export function retyped(bytes: Uint8Array, type: keyof typeof ELEMENT_TYPES): Uint8Array {
  const model = Model.decode(bytes) as protobuf.Message & { graph: { node: object[]; input: Info[]; output: Info[] } };
  const [input, output] = [model.graph.input[0]!, model.graph.output[0]!];
  const cast = (from: string, to: string, elementType: number) => ({
    op_type: "Cast",
    input: [from],
    output: [to],
    attribute: [{ name: "to", i: elementType, type: 2 }],
  });
  model.graph.node.unshift(cast("typed images", input.name, ELEMENT_TYPES.float32));
  model.graph.node.push(cast(output.name, "typed features", ELEMENT_TYPES[type]));
  for (const [info, name] of [
    [input, "typed images"],
    [output, "typed features"],
  ] as const) {
    info.name = name;
    info.type.tensor_type.elem_type = ELEMENT_TYPES[type];
  }
  return Model.encode(model).finish();
}

/** [1, pixels]: the batch is open by name, but the operations take one patch only, as a traced model's may. */
export const onePatch = (images: Value): Value =>
  images.graph.emit(
    "Reshape",
    [images, images.graph.integers([1, 432])],
    [{ type: "float32", shape: ["batch", 432] }],
  )[0]!;

/** All pixels in one row whatever the batch: [1, batch * pixels]. */
export const oneRow = (images: Value): Value =>
  images.graph.emit(
    "Reshape",
    [images, images.graph.integers([1, -1])],
    [{ type: "float32", shape: ["batch", "features"] }],
  )[0]!;

/** Writes a model whose array "weights" lies in a file beside it. */
export function writeWithExternalWeights(path: string, data: string, name: string, bytes: Uint8Array): void {
  const model = Model.decode(bytes) as protobuf.Message & Decoded;
  const tensor = model.graph.initializer.find((one) => one.name === "weights")!;
  writeFileSync(data, tensor.raw_data!);
  tensor.external_data = [{ key: "location", value: name }];
  tensor.data_location = 1;
  delete tensor.raw_data;
  writeFileSync(path, Model.encode(model).finish());
}
