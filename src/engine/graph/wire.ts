/**
 * Reads messages in the encoding of protobuf by a schema, strictly: a file that holds anything else is refused. It needs
 * no code generation, which pages with a strict policy forbid. (protobuf.js, which writes our files, generates code.)
 */
import type { WireField, WireMessage } from "./onnx_schema.ts";

/** A message as it was read: absent fields are absent, repeated ones are arrays. Bytes are views of the input. */
export type ReadFields = Record<string, unknown>;

/** The kinds of values in the encoding. */
const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

/** More levels than an ONNX model without graphs in attributes has. */
const MOST_LEVELS = 16;

/**
 * @param schema the messages by name
 * @throws Error if the bytes are not such a message, or hold a field that the schema does not have
 */
export function readMessage(
  bytes: Uint8Array,
  schema: Readonly<Record<string, WireMessage>>,
  name: string,
): ReadFields {
  return new Reader(bytes, schema).message(name, bytes.length, 0);
}

class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #schema: Readonly<Record<string, WireMessage>>;

  constructor(bytes: Uint8Array, schema: Readonly<Record<string, WireMessage>>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#schema = schema;
  }

  message(name: string, end: number, level: number): ReadFields {
    if (level > MOST_LEVELS) throw new Error("it is nested too deeply");
    const fields = new Map(Object.entries(this.#schema[name]!).map(([key, field]) => [field.id, { key, field }]));
    const result: ReadFields = {};
    while (this.#at < end) {
      const tag = this.#varint();
      const found = fields.get(tag >>> 3);
      if (!found) {
        if (tag >>> 3 === 0) throw new Error("it is cut off or damaged");
        throw new Error("it holds parts that our models do not have");
      }
      this.#field(result, found.key, found.field, tag & 7, level);
      if (this.#at > end) throw new Error("it is cut off or damaged");
    }
    return result;
  }

  #field(result: ReadFields, key: string, field: WireField, kind: number, level: number): void {
    if (field.rule === undefined) {
      if (key in result) throw new Error(`it holds "${key}" twice`);
      result[key] = this.#value(field.type, kind, level);
      return;
    }
    const list = (result[key] as unknown[] | undefined) ?? [];
    result[key] = list;
    const isPacked = kind === LENGTH && kindOf(field.type) !== LENGTH;
    const end = isPacked ? this.#end() : this.#at + 1;
    const kindOfOne = isPacked ? kindOf(field.type) : kind;
    while (this.#at < end) list.push(this.#value(field.type, kindOfOne, level));
  }

  #value(type: string, kind: number, level: number): unknown {
    if (kind !== kindOf(type)) throw new Error("it is cut off or damaged");
    if (type === "float") {
      this.#at += 4;
      this.#reach(this.#at);
      return this.#view.getFloat32(this.#at - 4, true);
    }
    if (kind === VARINT) return this.#integer();
    const end = this.#end();
    if (type in this.#schema) return this.message(type, end, level + 1);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return type === "string" ? TEXT.decode(bytes) : bytes;
  }

  /** The end of a part that begins with its length. */
  #end(): number {
    const length = this.#varint();
    this.#reach(this.#at + length);
    return this.#at + length;
  }

  /** A whole number of up to 53 bits that is not negative: a tag or a length. */
  #varint(): number {
    const value = this.#bits();
    if (value > Number.MAX_SAFE_INTEGER) throw new Error("it is cut off or damaged");
    return Number(value);
  }

  /** A signed integer of 64 bits. Numbers of more than 53 bits are rounded. */
  #integer(): number {
    return Number(BigInt.asIntN(64, this.#bits()));
  }

  #bits(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      this.#reach(this.#at + 1);
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error("it is cut off or damaged");
  }

  #reach(end: number): void {
    if (end > this.#bytes.length) throw new Error("it is cut off or damaged");
  }
}

const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

function kindOf(type: string): number {
  if (type === "float") return FIXED32;
  return type === "int32" || type === "int64" ? VARINT : LENGTH;
}
