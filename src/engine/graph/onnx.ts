/** Writes graphs as ONNX files, and reads, checks and changes ONNX files that this program has written. */
import protobuf from "protobufjs";
import type { Attribute, ElementType, Graph, Node, TensorData, Value } from "./graph.ts";
import { ONNX_OPS } from "./op_names.ts";
import type { Shape } from "./shape.ts";

/**
 * The part of the ONNX format (onnx.ai, IR version 10) that is written and read here. Field numbers are those of the
 * standard.
 */
const SCHEMA = `
syntax = "proto2"; package onnx;
message AttributeProto { optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
  repeated float floats = 7; repeated int64 ints = 8; optional int32 type = 20; }
message NodeProto { repeated string input = 1; repeated string output = 2; optional string name = 3;
  optional string op_type = 4; repeated AttributeProto attribute = 5; optional string domain = 7; }
message TensorProto { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8;
  optional bytes raw_data = 9; optional int32 data_location = 14; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorType { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
message SequenceType { optional TypeProto elem_type = 1; }
message TypeProto { optional TensorType tensor_type = 1; optional SequenceType sequence_type = 4; }
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message StringEntry { optional string key = 1; optional string value = 2; }
message GraphProto { repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
message OperatorSet { optional string domain = 1; optional int64 version = 2; }
message ModelProto { optional int64 ir_version = 1; repeated OperatorSet opset_import = 8;
  optional string producer_name = 2; optional string producer_version = 3; optional GraphProto graph = 7;
  repeated StringEntry metadata_props = 14; }`;

export const ModelProto = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType("onnx.ModelProto");

const IR_VERSION = 10;
const OPSET_VERSION = 20;
const ELEMENT_TYPES: Record<ElementType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };
/** Bytes per element, by ONNX's number of the type. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 1, 6: 4, 7: 8, 9: 1 };
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 };
/** ONNX attributes are either integers or floats. These are floats even if their value is whole. */
const FLOAT_ATTRIBUTES = new Set(["alpha", "beta", "epsilon", "momentum"]);

const FLOAT_SEQUENCE = { sequence_type: { elem_type: { tensor_type: { elem_type: ELEMENT_TYPES.float32 } } } };

export interface FileOptions {
  readonly producerVersion?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The name of an additional output before all others: an empty sequence. */
  readonly sequenceOutput?: string;
}

/**
 * The bytes of an ONNX model (opset 20) for a graph that contains only ONNX operations.
 * @throws Error if the graph contains another operation.
 */
export function toOnnx(graph: Graph, options: FileOptions = {}): Uint8Array {
  const names = outputNames(graph);
  const sequences = options.sequenceOutput === undefined ? [] : [options.sequenceOutput];
  const nameOf = (value: Value | undefined) => (value ? (names.get(value) ?? value.name) : "");
  const message = {
    ir_version: IR_VERSION,
    producer_name: "cancernet",
    producer_version: options.producerVersion ?? "",
    opset_import: [{ domain: "", version: OPSET_VERSION }],
    graph: {
      name: "cancernet",
      node: [
        ...graph.nodes.map((node) => nodeProto(node, nameOf)),
        ...aliasNodes(graph, names),
        ...sequences.map((name) => ({ op_type: "SequenceEmpty", input: [], output: [name] })),
      ],
      initializer: [...graph.constants].map(([value, data]) => tensorProto(nameOf(value), value, data)),
      input: graph.inputs.map((value) => valueInfo(value.name, value.type, value.shape)),
      output: [
        ...sequences.map((name) => ({ name, type: FLOAT_SEQUENCE })),
        ...[...graph.outputs].map(([name, value]) => valueInfo(name, value.type, value.shape)),
      ],
    },
    metadata_props: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
  };
  return ModelProto.encode(message).finish();
}

/**
 * Outputs get their declared names, so the nodes that compute them use these names. If an internal value happens to
 * have the name of an output, it is renamed. Inputs keep their names.
 */
function outputNames(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of graph.outputs) {
    if (graph.producer(value) && !names.has(value)) names.set(value, name);
  }
  for (const value of [...graph.constants.keys(), ...graph.nodes.flatMap((node) => node.outputs)]) {
    if (!names.has(value) && graph.outputs.has(value.name)) names.set(value, `${value.name}/inside`);
  }
  return names;
}

/** If a value is declared as an output twice, or is also an input, the second name gets a copy of it. */
function aliasNodes(graph: Graph, names: Map<Value, string>) {
  return [...graph.outputs]
    .filter(([name, value]) => names.get(value) !== name)
    .map(([name, value]) => ({ op_type: "Identity", input: [names.get(value) ?? value.name], output: [name] }));
}

function nodeProto(node: Node, nameOf: (value: Value | undefined) => string) {
  if (!(ONNX_OPS as readonly string[]).includes(node.op)) {
    throw new Error(`${node.op} is not an ONNX operation: lower the graph before writing it.`);
  }
  return {
    op_type: node.op,
    name: `${node.op}/${nameOf(node.outputs[0])}`,
    input: node.inputs.map(nameOf),
    output: node.outputs.map(nameOf),
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  };
}

function attributeProto(name: string, value: Attribute) {
  if (typeof value === "string") return { name, type: ATTRIBUTE_TYPES.string, s: new TextEncoder().encode(value) };
  if (typeof value !== "number") return { name, type: ATTRIBUTE_TYPES.ints, ints: value };
  return FLOAT_ATTRIBUTES.has(name)
    ? { name, type: ATTRIBUTE_TYPES.float, f: value }
    : { name, type: ATTRIBUTE_TYPES.int, i: value };
}

function tensorProto(name: string, value: Value, data: TensorData) {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: value.shape, data_type: ELEMENT_TYPES[value.type], raw_data: bytes };
}

function valueInfo(name: string, type: ElementType, shape: Shape) {
  const dim = shape.map((dimension) =>
    typeof dimension === "number" ? { dim_value: dimension } : { dim_param: dimension },
  );
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPES[type], shape: { dim } } } };
}

/**
 * The key of the metadata entry that forms the last bytes of a file. Its value is the SHA-256 of all bytes before it.
 */
export const SEAL_KEY = "cancernet.sha256";

/**
 * Replaces float32 arrays and metadata entries of one of our models, by name. Everything else is unchanged, except that
 * the seal is removed because it is no longer valid.
 * @throws Error if the bytes are not one of our models, or an array is missing or has a different size.
 */
export function amendOnnx(
  bytes: Uint8Array,
  { arrays, metadata }: { arrays: ReadonlyMap<string, Float32Array>; metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const entries = { ...onnxMetadata(bytes), ...metadata };
  const message = ModelProto.decode(bytes) as protobuf.Message & ReadModel;
  for (const [name, { buffer, byteOffset, byteLength }] of arrays) {
    const tensor = message.graph!.initializer.find((one) => one.name === name);
    if (tensor?.raw_data?.length !== byteLength) throw new Error(`The model has no array "${name}" of this size.`);
    tensor.raw_data = new Uint8Array(buffer, byteOffset, byteLength);
  }
  message.metadata_props = Object.entries(entries).flatMap(([key, value]) =>
    key === SEAL_KEY ? [] : [{ key, value }],
  );
  return ModelProto.encode(message).finish();
}

/**
 * The float32 arrays of one of our models, by name.
 * @throws Error if the bytes are not one of our models.
 */
export function onnxArrays(bytes: Uint8Array): Map<string, Float32Array> {
  onnxMetadata(bytes);
  const { graph } = ModelProto.decode(bytes) as protobuf.Message & ReadModel;
  return new Map(
    graph!.initializer.flatMap(({ name, data_type: type, raw_data: data }) =>
      type === ELEMENT_TYPES.float32 ? [[name!, new Float32Array(Uint8Array.from(data!).buffer)] as const] : [],
    ),
  );
}

/**
 * The metadata of an ONNX file, by key. A model is a program, so only what this program writes is accepted: our
 * operations, and arrays that are stored completely inside the file.
 * @throws Error if the bytes are not an ONNX model, or contain anything else.
 */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  const message = ModelProto.decode(reader);
  requireKnownFields(message);
  const model = ModelProto.toObject(message, { arrays: true, longs: Number }) as ReadModel;
  if (model.graph === undefined) throw new Error("it holds no graph");
  for (const node of model.graph.node) requireOwnNode(node);
  for (const tensor of model.graph.initializer) requireWholeTensor(tensor);
  return Object.fromEntries(model.metadata_props.map(({ key, value }) => [key, value]));
}

interface ReadNode {
  op_type?: string;
  domain?: string;
  attribute: { ints: number[] }[];
}

interface ReadTensor {
  name?: string;
  dims: number[];
  data_type?: number;
  data_location?: number;
  raw_data?: Uint8Array;
}

interface ReadModel {
  metadata_props: { key: string; value: string }[];
  graph?: { node: ReadNode[]; initializer: ReadTensor[] };
}

/**
 * Sizes, shapes and paddings of our models never have a product above this. Larger ones could request unlimited memory.
 */
const LARGEST_PRODUCT = 1 << 24;

/** Rejects everything that is not in the schema above: graphs in attributes, functions, data in other files. */
function requireKnownFields(value: unknown): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if ("$unknowns" in value && Array.isArray(value.$unknowns) && value.$unknowns.length > 0) {
    throw new Error("it holds parts that our models do not have");
  }
  for (const part of Object.values(value)) requireKnownFields(part);
}

function requireOwnNode({ op_type: op = "", domain = "", attribute }: ReadNode): void {
  if (domain !== "" || !(ONNX_OPS as readonly string[]).includes(op)) {
    throw new Error(`it holds the operation ${domain}${domain && "."}${op}, which our models do not use`);
  }
  for (const { ints } of attribute) requireSmall(ints, op);
}

function requireWholeTensor({
  name = "",
  dims,
  data_type: type = 0,
  data_location: place = 0,
  raw_data: data,
}: ReadTensor): void {
  if (place !== 0) throw new Error(`its array "${name}" is stored in another file`);
  const bytes = dims.reduce((product, size) => product * size, ELEMENT_BYTES[type] ?? Number.NaN);
  if (name === "" || dims.some((size) => size < 0) || data?.length !== bytes) {
    throw new Error(`its array "${name}" is not as large as it says`);
  }
  if (type === ELEMENT_TYPES.int64) {
    const aligned = new Uint8Array(data);
    requireSmall(Array.from(new BigInt64Array(aligned.buffer), Number), name);
  }
}

function requireSmall(numbers: readonly number[], where: string): void {
  const product = numbers.reduce((result, number) => result * Math.max(1, Math.abs(number)), 1);
  if (product > LARGEST_PRODUCT)
    throw new Error(`the sizes of ${where} multiply to more than ${LARGEST_PRODUCT.toLocaleString("en-US")}`);
}
