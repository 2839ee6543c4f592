/**
 * Cuts the first operations off an ONNX file that this program has written, so that other code can run them. The rest is
 * copied as it is, which takes no time when a program starts. onnx.ts writes files from graphs.
 */
import protobuf from "protobufjs/minimal.js";
import { joinBytes } from "../../util/bytes.ts";
import { ATTRIBUTE_TYPES, ELEMENT_TYPES, ONNX_MESSAGES } from "./onnx_schema.ts";
import type { Shape } from "./shape.ts";

const { AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, TensorShapeProto, TensorType, TypeProto } =
  ONNX_MESSAGES;
const { ValueInfoProto } = ONNX_MESSAGES;

/** Where to cut. */
export interface Cut {
  /** The number of nodes that are left out. */
  readonly nodes: number;
  /** The name of the value that the last of these nodes computes: float32 [N, C, H, W]. */
  readonly value: string;
}

/** The only input of the rest: its name, and its shape [N, H, W, C]. It is transposed to the cut value. */
export interface RestInput {
  readonly name: string;
  readonly shape: Shape;
}

/** The bytes of the file without its first nodes, and with another input in place of its own ones. */
export function restOfOnnx(bytes: Uint8Array, cut: Cut, { name, shape }: RestInput): Uint8Array {
  let node = 0;
  const graphFields = (graph: Uint8Array): Uint8Array[] =>
    [
      field(GraphProto.node.id, [toChannelsFirst(name, cut.value)]),
      field(GraphProto.input.id, [inputOf(name, shape)]),
      ...fieldsOf(graph).flatMap(({ id, whole }) => {
        const isLeftOut = id === GraphProto.input.id || (id === GraphProto.node.id && node++ < cut.nodes);
        return isLeftOut ? [] : [whole];
      }),
    ].flat();
  return joinBytes(
    fieldsOf(bytes).flatMap(({ id, whole, content }) =>
      id === ModelProto.graph.id ? field(id, graphFields(content)) : [whole],
    ),
  );
}

/** A field of a message. Both arrays are views of the message's bytes. */
interface Field {
  readonly id: number;
  /** The field with its number. */
  readonly whole: Uint8Array;
  /** Without number and length; empty if the field is a number. */
  readonly content: Uint8Array;
}

/** The kind of values with a length in the encoding of protobuf. */
const LENGTH = 2;

function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = protobuf.Reader.create(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const isLong = (tag & 7) === LENGTH;
    const length = isLong ? reader.uint32() : 0;
    const contentStart = reader.pos;
    if (isLong) reader.skip(length);
    else reader.skipType(tag & 7);
    const content = bytes.subarray(contentStart, contentStart + length);
    fields.push({ id: tag >>> 3, whole: bytes.subarray(start, reader.pos), content });
  }
  return fields;
}

/** The pieces of a field whose content consists of these pieces. Nothing is copied. */
function field(id: number, content: readonly Uint8Array[]): Uint8Array[] {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return [tagged(protobuf.Writer.create(), id).uint32(length).finish(), ...content];
}

const tagged = (writer: protobuf.Writer, id: number): protobuf.Writer => writer.uint32((id << 3) | LENGTH);

function toChannelsFirst(from: string, to: string): Uint8Array {
  const writer = protobuf.Writer.create();
  tagged(writer, NodeProto.input.id).string(from);
  tagged(writer, NodeProto.output.id).string(to);
  tagged(writer, NodeProto.op_type.id).string("Transpose");
  tagged(writer, NodeProto.attribute.id).fork();
  tagged(writer, AttributeProto.name.id).string("perm");
  for (const axis of [0, 3, 1, 2]) writer.uint32(AttributeProto.ints.id << 3).int64(axis);
  writer.uint32(AttributeProto.type.id << 3).int32(ATTRIBUTE_TYPES.ints);
  return writer.ldelim().finish();
}

function inputOf(name: string, shape: Shape): Uint8Array {
  const writer = protobuf.Writer.create();
  tagged(writer, ValueInfoProto.name.id).string(name);
  tagged(writer, ValueInfoProto.type.id).fork();
  tagged(writer, TypeProto.tensor_type.id).fork();
  writer.uint32(TensorType.elem_type.id << 3).int32(ELEMENT_TYPES.float32);
  tagged(writer, TensorType.shape.id).fork();
  for (const length of shape) {
    tagged(writer, TensorShapeProto.dim.id).fork();
    if (typeof length === "number") writer.uint32(Dimension.dim_value.id << 3).int64(length);
    else tagged(writer, Dimension.dim_param.id).string(length);
    writer.ldelim();
  }
  return writer.ldelim().ldelim().ldelim().finish();
}
