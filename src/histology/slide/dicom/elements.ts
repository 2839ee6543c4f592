/** The data elements of a DICOM file (PS3.5, little-endian), read by place: only those that are used are kept, the others are skipped. */
import type { SlideFile } from "../file.ts";
import { ITEM, ITEM_END, isBulk, isSequence, isUsed, SEQUENCE_END, TAG } from "./tags.ts";

export interface Element {
  /** Where its value lies. */
  readonly offset: number;
  /** Of its value, in bytes; that of packed frames is not stated. */
  readonly length: number | undefined;
  /** Whether its own elements are coded without their kinds. */
  readonly implicit: boolean;
  /** Undefined for sequences and what is large. */
  readonly value: Buffer | undefined;
}

export type DataSet = ReadonlyMap<number, Element>;

/** Kinds of values whose length takes four bytes. */
const LONG_KINDS = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];
const UNDEFINED_LENGTH = 0xffffffff;
const MOST_VALUE_BYTES = 4096;
const MOST_DEPTH = 32;
/** A slide of a million frames with a place for each has some 20 million. */
const MOST_ELEMENTS = 40_000_000;
const WINDOW_BYTES = 1 << 16;

interface Header {
  readonly tag: number;
  readonly kind: string;
  /** Where the value begins. */
  readonly at: number;
  readonly length: number | undefined;
}

export class ElementReader {
  readonly #file: SlideFile;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;
  #left = MOST_ELEMENTS;

  constructor(file: SlideFile) {
    this.#file = file;
  }

  /**
   * The used elements from a place on: up to the pixels, which stand last, or to the first element behind `last`.
   * @throws Error if they are damaged.
   */
  async dataSet(start: number, options: { implicit: boolean; last?: number; end?: number }): Promise<DataSet> {
    const { implicit, last = TAG.pixelData, end = this.#file.size } = options;
    const found = new Map<number, Element>();
    for (let at = start; at < end; ) {
      const tag = await this.#tag(at);
      if (tag === ITEM_END || tag > last) break;
      const header = await this.#header(at, implicit);
      const behind = header.tag === TAG.pixelData ? undefined : await this.#behind(header, implicit, 0);
      if (isUsed(header.tag)) found.set(header.tag, await this.#element(header, implicit, behind));
      if (behind === undefined) break;
      at = behind;
    }
    return found;
  }

  /** The place of the first element behind `last`. */
  async behind(start: number, last: number): Promise<number> {
    let at = start;
    while ((await this.#tag(at)) <= last) at = await this.#behind(await this.#header(at, false), false, 0);
    return at;
  }

  /** The items of a sequence, one at a time. */
  async *items({ offset, length = 0, implicit }: Element): AsyncGenerator<DataSet> {
    for (let at = offset; at < offset + length; ) {
      const item = await this.#header(at, implicit);
      if (item.tag !== ITEM) return;
      const end = item.length === undefined ? offset + length : item.at + item.length;
      yield await this.dataSet(item.at, { implicit, end });
      at = await this.#behind(item, implicit, 0);
    }
  }

  async #element({ tag, kind, at, length }: Header, implicit: boolean, behind: number | undefined): Promise<Element> {
    const inner = implicit || kind === "UN";
    if (isSequence(tag)) return { offset: at, length: behind! - at, implicit: inner, value: undefined };
    const small = length !== undefined && length <= MOST_VALUE_BYTES && !isBulk(tag);
    const value = small ? Buffer.from(await this.#bytes(at, length)) : undefined;
    if (value && value.length < length!) throw new Error(`it ends within element ${nameOf(tag)}`);
    return { offset: at, length, implicit, value };
  }

  async #tag(at: number): Promise<number> {
    const bytes = await this.#bytes(at, 4);
    if (bytes.length < 4) throw new Error("its data elements end too soon");
    return bytes.readUInt16LE(0) * 0x10000 + bytes.readUInt16LE(2);
  }

  async #header(at: number, implicit: boolean): Promise<Header> {
    if (this.#left-- === 0) throw new Error("it has too many data elements");
    const bytes = await this.#bytes(at, 12);
    if (bytes.length < 8) throw new Error("its data elements end too soon");
    const tag = bytes.readUInt16LE(0) * 0x10000 + bytes.readUInt16LE(2);
    const whole = (place: number) => {
      const length = bytes.readUInt32LE(place);
      return length === UNDEFINED_LENGTH ? undefined : length;
    };
    if (implicit || tag >= ITEM) return { tag, kind: "", at: at + 8, length: whole(4) };
    const kind = bytes.toString("latin1", 4, 6);
    if (!/^[A-Z]{2}$/.test(kind)) throw new Error(`there is no data element at its byte ${at}`);
    if (!LONG_KINDS.includes(kind)) return { tag, kind, at: at + 8, length: bytes.readUInt16LE(6) };
    if (bytes.length < 12) throw new Error("its data elements end too soon");
    return { tag, kind, at: at + 12, length: whole(8) };
  }

  /** The place behind an element: what states no length is a sequence or an item up to its end's mark. */
  async #behind({ tag, kind, at, length }: Header, implicit: boolean, depth: number): Promise<number> {
    if (length !== undefined) {
      if (at + length > this.#file.size) throw new Error(`it ends within element ${nameOf(tag)}`);
      return at + length;
    }
    if (depth > MOST_DEPTH) throw new Error("its sequences lie too deep in each other");
    const end = tag === ITEM ? ITEM_END : SEQUENCE_END;
    for (let next = at; ; ) {
      const inner = await this.#header(next, implicit || kind === "UN");
      if (inner.tag === end) return inner.at;
      next = await this.#behind(inner, implicit || kind === "UN", depth + 1);
    }
  }

  async #bytes(at: number, length: number): Promise<Buffer> {
    const known = at >= this.#start && at + length <= this.#start + this.#window.length;
    if (!known) {
      this.#window = await this.#file.readAtMost(at, Math.max(WINDOW_BYTES, length));
      this.#start = at;
    }
    return this.#window.subarray(at - this.#start, at - this.#start + length);
  }
}

const nameOf = (tag: number): string => {
  const hex = tag.toString(16).padStart(8, "0");
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
};

/** A value in text, without its padding; undefined if it is absent. */
export function textOf(set: DataSet, tag: number): string | undefined {
  // Texts end with a space, identifiers with a NUL.
  return set
    .get(tag)
    ?.value?.toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trim();
}

/** The values of a text with several, which backslashes part. */
export const textsOf = (set: DataSet, tag: number): string[] =>
  textOf(set, tag)
    ?.split("\\")
    .map((text) => text.trim()) ?? [];

/** A whole number of two or four bytes; undefined if it is absent. */
export function numberOf(set: DataSet, tag: number): number | undefined {
  const value = set.get(tag)?.value;
  if (value?.length === 2) return value.readUInt16LE();
  return value?.length === 4 ? value.readUInt32LE() : undefined;
}
