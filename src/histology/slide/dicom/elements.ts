/**
 * Reads the data elements of a DICOM file (PS3.5, little-endian) by offset. Only the elements used here are kept. All
 * others are skipped.
 */
import type { NodeSlideFile } from "../node/file.ts";
import { ITEM, ITEM_END, isBulk, isSequence, isUsed, SEQUENCE_END, TAG } from "./tags.ts";

export interface Element {
  /** The offset of its value in the file. */
  readonly offset: number;
  /** The length of its value in bytes; undefined for compressed frames, which do not state it. */
  readonly length: number | undefined;
  /** Whether nested elements are encoded without value representations (implicit VR). */
  readonly implicit: boolean;
  /** Undefined for sequences and for large values. */
  readonly value: Buffer | undefined;
}

export type DataSet = ReadonlyMap<number, Element>;

/** Value representations whose length field has four bytes. */
const LONG_KINDS = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const UNDEFINED_LENGTH = 0xffffffff;
const MOST_VALUE_BYTES = 4096;
const MOST_DEPTH = 32;
/** A slide with 100,000 frames and a position for each has about two million. */
const MOST_ELEMENTS = 10_000_000;
const WINDOW_BYTES = 1 << 16;
/** The maximum size of an element's header. */
const HEADER_BYTES = 12;

interface Header {
  readonly tag: number;
  readonly kind: string;
  /** The offset of the value. */
  readonly at: number;
  readonly length: number | undefined;
}

export class ElementReader {
  readonly #file: NodeSlideFile;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;
  #left = MOST_ELEMENTS;

  constructor(file: NodeSlideFile) {
    this.#file = file;
  }

  /**
   * Reads the used elements, starting at an offset. Stops at the pixel data, which is the last element, or at the first
   * element after `last`.
   * @throws Error if they are damaged.
   */
  async dataSet(start: number, options: { implicit: boolean; last?: number; end?: number }): Promise<DataSet> {
    const { implicit, last = TAG.pixelData, end = this.#file.size } = options;
    const found = new Map<number, Element>();
    for (let at = start; at < end; ) {
      if (!this.#holds(at)) await this.#load(at);
      const tag = this.#tagAt(at);
      if (tag === ITEM_END || tag > last) break;
      const header = this.#headerAt(at, implicit);
      const behind =
        tag === TAG.pixelData ? undefined : (this.#end(header) ?? (await this.#behind(header, implicit, 0)));
      if (isUsed(tag)) found.set(tag, await this.#element(header, implicit, behind));
      if (behind === undefined) break;
      at = behind;
    }
    return found;
  }

  /** The offset of the first element after `last`. */
  async behind(start: number, last: number): Promise<number> {
    for (let at = start; ; ) {
      await this.#load(at);
      if (this.#tagAt(at) > last) return at;
      at = await this.#behind(this.#headerAt(at, false), false, 0);
    }
  }

  /** Yields the items of a sequence one at a time. */
  async *items({ offset, length = 0, implicit }: Element): AsyncGenerator<DataSet> {
    for (let at = offset; at < offset + length; ) {
      if (!this.#holds(at)) await this.#load(at);
      const item = this.#headerAt(at, implicit);
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
    const value = small ? await this.#file.readAtMost(at, length) : undefined;
    if (value && value.length < length!) throw new Error(`it ends within element ${nameOf(tag)}`);
    return { offset: at, length, implicit, value };
  }

  #tagAt(at: number): number {
    const place = at - this.#start;
    if (place + 8 > this.#window.length) throw new Error("its data elements end too soon");
    return this.#window.readUInt16LE(place) * 0x10000 + this.#window.readUInt16LE(place + 2);
  }

  #headerAt(at: number, implicit: boolean): Header {
    if (this.#left-- === 0) throw new Error("it has too many data elements");
    const tag = this.#tagAt(at);
    const place = at - this.#start;
    if (implicit || tag >= ITEM) return { tag, kind: "", at: at + 8, length: this.#lengthAt(place + 4) };
    const kind = this.#window.toString("latin1", place + 4, place + 6);
    if (!/^[A-Z]{2}$/.test(kind)) throw new Error(`there is no data element at its byte ${at}`);
    if (!LONG_KINDS.has(kind)) return { tag, kind, at: at + 8, length: this.#window.readUInt16LE(place + 6) };
    if (place + 12 > this.#window.length) throw new Error("its data elements end too soon");
    return { tag, kind, at: at + 12, length: this.#lengthAt(place + 8) };
  }

  #lengthAt(place: number): number | undefined {
    const length = this.#window.readUInt32LE(place);
    return length === UNDEFINED_LENGTH ? undefined : length;
  }

  /** The offset after an element; undefined if the element does not state its length. */
  #end({ tag, at, length }: Header): number | undefined {
    if (length !== undefined && at + length > this.#file.size) throw new Error(`it ends within element ${nameOf(tag)}`);
    return length === undefined ? undefined : at + length;
  }

  /** Like `#end`, but also for sequences and items of undefined length, which it scans up to their end marker. */
  async #behind(header: Header, implicit: boolean, depth: number): Promise<number> {
    const known = this.#end(header);
    if (known !== undefined) return known;
    if (depth > MOST_DEPTH) throw new Error("its sequences are nested too deeply");
    const end = header.tag === ITEM ? ITEM_END : SEQUENCE_END;
    const inside = implicit || header.kind === "UN";
    for (let next = header.at; ; ) {
      if (!this.#holds(next)) await this.#load(next);
      const inner = this.#headerAt(next, inside);
      if (inner.tag === end) return inner.at;
      next = this.#end(inner) ?? (await this.#behind(inner, inside, depth + 1));
    }
  }

  /** Whether the header of the element at this offset is in memory. */
  #holds(at: number): boolean {
    return at >= this.#start && at + HEADER_BYTES <= this.#start + this.#window.length;
  }

  async #load(at: number): Promise<void> {
    this.#window = await this.#file.readAtMost(at, WINDOW_BYTES);
    this.#start = at;
  }
}

const nameOf = (tag: number): string => {
  const hex = tag.toString(16).padStart(8, "0");
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
};

/** A text value without padding; undefined if it is absent. */
export function elementText(set: DataSet, tag: number): string | undefined {
  // Texts are padded with a space, identifiers with a NUL.
  return set
    .get(tag)
    ?.value?.toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trim();
}

/** The values of a text element, which are separated by backslashes. */
export const textsOf = (set: DataSet, tag: number): string[] =>
  elementText(set, tag)
    ?.split("\\")
    .map((text) => text.trim()) ?? [];

/** An unsigned integer of two or four bytes; undefined if it is absent. */
export function numberOf(set: DataSet, tag: number): number | undefined {
  const value = set.get(tag)?.value;
  if (value?.length === 2) return value.readUInt16LE();
  return value?.length === 4 ? value.readUInt32LE() : undefined;
}
