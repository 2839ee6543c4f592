/** Writes graphs as ONNX files, and changes ONNX files that this program has written. read_onnx.ts reads them. */
import protobuf from "protobufjs/light.js";
import type { Attribute, ElementType, Graph, Node, TensorData, Value } from "./graph.ts";
import { ATTRIBUTE_TYPES, ELEMENT_TYPES, ONNX_MESSAGES, SEAL_KEY } from "./onnx_schema.ts";
import { ONNX_OPS } from "./op_names.ts";
import { onnxMetadata } from "./read_onnx.ts";
import type { Shape } from "./shape.ts";

/** With this edition, numbers that are zero are written, too. */
const EDITION = "proto2";

const ModelProto = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(ONNX_MESSAGES).map(([name, fields]) => [name, { fields, edition: EDITION }]),
  ),
}).lookupType("ModelProto");

const IR_VERSION = 10;
const OPSET_VERSION = 20;
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
 * Replaces float32 arrays and metadata entries of one of our models, by name. Everything else is unchanged, except that
 * the seal is removed because it is no longer valid.
 * @throws Error if the bytes are not one of our models, or an array is missing or has a different size.
 */
export function amendOnnx(
  bytes: Uint8Array,
  { arrays, metadata }: { arrays: ReadonlyMap<string, Float32Array>; metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const entries = { ...onnxMetadata(bytes), ...metadata };
  const message = ModelProto.decode(bytes) as protobuf.Message & ReadTensors;
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

interface ReadTensors {
  graph?: { initializer: { name?: string; raw_data?: Uint8Array }[] };
  metadata_props: { key: string; value: string }[];
}
