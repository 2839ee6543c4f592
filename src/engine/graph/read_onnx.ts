/**
 * Reads and checks ONNX files that this program has written, in Node and in a browser. A model is a program, so
 * everything else is refused.
 */
import { ELEMENT_TYPES, ONNX_MESSAGES } from "./onnx_schema.ts";
import { ONNX_OPS } from "./op_names.ts";
import { readMessage } from "./wire.ts";

/** Bytes per element, by ONNX's number of the type. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 1, 6: 4, 7: 8, 9: 1 };

/** The contents of an ONNX file that this program may have written. */
export interface OnnxFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
}

export interface OnnxNode {
  readonly op: string;
  /** The names of the values; an empty name is an absent input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  /** The bytes of the elements; not aligned. */
  readonly data: Uint8Array;
}

/**
 * Reads an ONNX file. Only our operations are accepted, and arrays that are stored completely inside the file.
 * @throws Error if the bytes are not an ONNX model, or contain anything else.
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const { graph, metadata_props = [] } = readMessage(bytes, ONNX_MESSAGES, "ModelProto") as ReadModel;
  if (graph === undefined) throw new Error("it holds no graph");
  return {
    nodes: (graph.node ?? []).map(ownNode),
    tensors: (graph.initializer ?? []).map(wholeTensor),
    metadata: Object.fromEntries(metadata_props.map(({ key = "", value = "" }) => [key, value])),
  };
}

/**
 * The metadata of an ONNX file, by key.
 * @throws Error as `readOnnx`
 */
export const onnxMetadata = (bytes: Uint8Array): Readonly<Record<string, string>> => readOnnx(bytes).metadata;

/**
 * Copies of the float32 arrays of one of our models, by name.
 * @throws Error as `readOnnx`
 */
export const onnxArrays = (bytes: Uint8Array): Map<string, Float32Array> => arraysOf(readOnnx(bytes));

/** Copies of the float32 arrays of a file, by name. */
export function arraysOf({ tensors }: Pick<OnnxFile, "tensors">): Map<string, Float32Array> {
  return new Map(
    tensors.flatMap(({ name, type, data }) =>
      type === ELEMENT_TYPES.float32 ? [[name, new Float32Array(Uint8Array.from(data).buffer)] as const] : [],
    ),
  );
}

interface ReadModel {
  graph?: { node?: ReadNode[]; initializer?: ReadTensor[] };
  metadata_props?: { key?: string; value?: string }[];
}

interface ReadNode {
  op_type?: string;
  domain?: string;
  input?: string[];
  output?: string[];
  attribute?: { name?: string; f?: number; i?: number; s?: Uint8Array; ints?: number[] }[];
}

interface ReadTensor {
  name?: string;
  dims?: number[];
  data_type?: number;
  data_location?: number;
  raw_data?: Uint8Array;
}

/**
 * Sizes, shapes and paddings of our models never have a product above this. Larger ones could request unlimited memory.
 */
const LARGEST_PRODUCT = 1 << 24;

function ownNode({ op_type: op = "", domain = "", input = [], output = [], attribute = [] }: ReadNode): OnnxNode {
  if (domain !== "" || !(ONNX_OPS as readonly string[]).includes(op)) {
    throw new Error(`it holds the operation ${domain}${domain && "."}${op}, which our models do not use`);
  }
  const attributes = attribute.map(({ name = "", f, i, s, ints = [] }) => {
    requireSmall(ints, op);
    return [name, f ?? i ?? (s ? new TextDecoder().decode(s) : ints)] as const;
  });
  return { op, inputs: input, outputs: output, attributes: Object.fromEntries(attributes) };
}

function wholeTensor({
  name = "",
  dims = [],
  data_type: type = 0,
  data_location: place = 0,
  raw_data: data,
}: ReadTensor): OnnxTensor {
  if (place !== 0) throw new Error(`its array "${name}" is stored in another file`);
  const bytes = dims.reduce((product, size) => product * size, ELEMENT_BYTES[type] ?? Number.NaN);
  if (name === "" || dims.some((size) => size < 0) || data?.length !== bytes) {
    throw new Error(`its array "${name}" is not as large as it says`);
  }
  if (type === ELEMENT_TYPES.int64) {
    requireSmall(Array.from(new BigInt64Array(Uint8Array.from(data).buffer), Number), name);
  }
  return { name, shape: dims, type, data };
}

function requireSmall(numbers: readonly number[], where: string): void {
  const product = numbers.reduce((result, number) => result * Math.max(1, Math.abs(number)), 1);
  if (product > LARGEST_PRODUCT)
    throw new Error(`the sizes of ${where} multiply to more than ${LARGEST_PRODUCT.toLocaleString("en-US")}`);
}
