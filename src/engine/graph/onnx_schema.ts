/**
 * The part of the ONNX format (onnx.ai, IR version 10) that is written and read here, in the notation of protobuf.js.
 * Field numbers are those of the standard.
 */
import type { ElementType } from "./graph.ts";

/** A field of a message. `type` is a type of protobuf, or the name of a message. */
export interface WireField {
  readonly id: number;
  readonly type: string;
  readonly rule?: "repeated";
}

export type WireMessage = Readonly<Record<string, WireField>>;

const one = (id: number, type: string): WireField => ({ id, type });
const many = (id: number, type: string): WireField => ({ id, type, rule: "repeated" });

/** The messages by name, and their fields by name. */
export const ONNX_MESSAGES = {
  AttributeProto: {
    name: one(1, "string"),
    f: one(2, "float"),
    i: one(3, "int64"),
    s: one(4, "bytes"),
    floats: many(7, "float"),
    ints: many(8, "int64"),
    type: one(20, "int32"),
  },
  NodeProto: {
    input: many(1, "string"),
    output: many(2, "string"),
    name: one(3, "string"),
    op_type: one(4, "string"),
    attribute: many(5, "AttributeProto"),
    domain: one(7, "string"),
  },
  TensorProto: {
    dims: many(1, "int64"),
    data_type: one(2, "int32"),
    name: one(8, "string"),
    raw_data: one(9, "bytes"),
    data_location: one(14, "int32"),
  },
  Dimension: { dim_value: one(1, "int64"), dim_param: one(2, "string") },
  TensorShapeProto: { dim: many(1, "Dimension") },
  TensorType: { elem_type: one(1, "int32"), shape: one(2, "TensorShapeProto") },
  SequenceType: { elem_type: one(1, "TypeProto") },
  TypeProto: { tensor_type: one(1, "TensorType"), sequence_type: one(4, "SequenceType") },
  ValueInfoProto: { name: one(1, "string"), type: one(2, "TypeProto") },
  StringEntry: { key: one(1, "string"), value: one(2, "string") },
  GraphProto: {
    node: many(1, "NodeProto"),
    name: one(2, "string"),
    initializer: many(5, "TensorProto"),
    input: many(11, "ValueInfoProto"),
    output: many(12, "ValueInfoProto"),
  },
  OperatorSet: { domain: one(1, "string"), version: one(2, "int64") },
  ModelProto: {
    ir_version: one(1, "int64"),
    producer_name: one(2, "string"),
    producer_version: one(3, "string"),
    graph: one(7, "GraphProto"),
    opset_import: many(8, "OperatorSet"),
    metadata_props: many(14, "StringEntry"),
  },
} as const satisfies Record<string, WireMessage>;

/** ONNX's numbers of the element types. */
export const ELEMENT_TYPES: Record<ElementType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

/** ONNX's numbers of the types of attributes. */
export const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 };

/**
 * The key of the metadata entry that forms the last bytes of a file. Its value is the SHA-256 of all bytes before it.
 */
export const SEAL_KEY = "cancernet.sha256";
