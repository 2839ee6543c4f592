/** TIFF files tag by tag (TIFF 6.0, BigTIFF), sound or wrong on purpose. */

type Type = "byte" | "ascii" | "short" | "long" | "rational" | "undefined" | "long8";

/** Number, type, values; `count` is what the file claims if that is not the truth. */
export interface Tag {
  readonly tag: number;
  readonly type: Type;
  readonly values: readonly number[] | Buffer;
  readonly count?: number;
  /** Where the file claims that the values lie. */
  readonly at?: number;
}

export interface Directory {
  readonly tags: readonly Tag[];
  /** Data by the tags that hold their places and lengths: tiles or strips. */
  readonly data?: {
    readonly blocks: readonly (Buffer | undefined)[];
    readonly places: number;
    readonly lengths: number;
  };
  /** Its smaller versions, which tag 330 names. */
  readonly sub?: readonly Directory[];
  /** The place of the next directory, where the file lies. */
  readonly next?: number;
}

export interface FilePlan {
  readonly big?: boolean;
  readonly littleEndian?: boolean;
}

const TYPES: Readonly<Record<Type, readonly [code: number, bytes: number, perValue: number]>> = {
  byte: [1, 1, 1],
  ascii: [2, 1, 1],
  short: [3, 2, 1],
  long: [4, 4, 1],
  rational: [5, 4, 2],
  undefined: [7, 1, 1],
  long8: [16, 8, 1],
};

export function tiffFile(directories: readonly Directory[], plan: FilePlan = {}): Buffer {
  return new Writer(plan).file(directories);
}

class Writer {
  readonly #big: boolean;
  readonly #little: boolean;
  readonly #parts: Buffer[] = [];
  readonly #known = new Map<Buffer, number>();
  #at: number;

  constructor({ big = false, littleEndian = true }: FilePlan) {
    this.#big = big;
    this.#little = littleEndian;
    this.#at = big ? 16 : 8;
  }

  file(directories: readonly Directory[]): Buffer {
    const first = directories.toReversed().reduce((next, directory) => this.#directory(directory, next), 0);
    const order = Buffer.from(this.#little ? "II" : "MM");
    const version = this.#big ? [...[43, 8, 0].map((value) => this.#number(2, value))] : [this.#number(2, 42)];
    return Buffer.concat([order, ...version, this.#place(first), ...this.#parts]);
  }

  /** The same block is written once, however often it is asked for. */
  #put(block: Buffer): number {
    const known = this.#known.get(block);
    if (known !== undefined) return known;
    const at = this.#at;
    this.#parts.push(block, Buffer.alloc(block.length % 2));
    this.#at += block.length + (block.length % 2);
    this.#known.set(block, at);
    return at;
  }

  #directory({ tags, data, sub = [], next }: Directory, following: number): number {
    const own = new Map(tags.map((tag) => [tag.tag, tag]));
    const type = this.#big ? "long8" : "long";
    const add = (tag: number, values: readonly number[]) => own.has(tag) || own.set(tag, { tag, type, values });
    if (data) {
      add(
        data.places,
        data.blocks.map((block) => (block ? this.#put(block) : 0)),
      );
      add(
        data.lengths,
        data.blocks.map((block) => block?.length ?? 0),
      );
    }
    if (sub.length > 0)
      add(
        330,
        sub.map((directory) => this.#directory(directory, 0)),
      );
    const entries = [...own.values()].sort((a, b) => a.tag - b.tag).map((tag) => this.#entry(tag));
    const count = this.#number(this.#big ? 8 : 2, entries.length);
    return this.#put(Buffer.concat([count, ...entries, this.#place(next ?? following)]));
  }

  #entry({ tag, type, values, count, at }: Tag): Buffer {
    const [code, bytes, perValue] = TYPES[type];
    const encoded = Buffer.isBuffer(values) ? values : Buffer.concat(values.map((value) => this.#number(bytes, value)));
    const length = count ?? encoded.length / bytes / perValue;
    const room = this.#big ? 8 : 4;
    const inline = encoded.length <= room && at === undefined;
    const value = inline ? Buffer.concat([encoded], room) : this.#place(at ?? this.#put(encoded));
    return Buffer.concat([this.#number(2, tag), this.#number(2, code), this.#number(room, length), value]);
  }

  #place(at: number): Buffer {
    return this.#number(this.#big ? 8 : 4, at);
  }

  #number(bytes: number, value: number): Buffer {
    const buffer = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i++) {
      buffer[this.#little ? i : bytes - 1 - i] = Math.floor(value / 256 ** i) % 256;
    }
    return buffer;
  }
}

/** What of a picture the tags say; more tags replace those of the same number. */
export interface PicturePlan {
  readonly width: number;
  readonly height: number;
  readonly tile: number | { readonly width: number; readonly height: number };
  /** Row by row, plane by plane; one that is left out is undefined. */
  readonly tiles: readonly (Buffer | undefined)[];
  readonly compression?: number;
  readonly photometric?: number;
  readonly samples?: number;
  readonly reduced?: boolean;
  readonly description?: string;
  readonly more?: readonly Tag[];
  readonly sub?: readonly Directory[];
  readonly next?: number;
}

/** A directory of a tiled picture. */
export function tiledPicture(plan: PicturePlan): Directory {
  const { width, height, tile, tiles, compression = 1, photometric = 2, samples = 3, reduced = false } = plan;
  const [tileWidth, tileHeight] = typeof tile === "number" ? [tile, tile] : [tile.width, tile.height];
  const short = (tag: number, ...values: number[]): Tag => ({ tag, type: "short", values });
  const long = (tag: number, ...values: number[]): Tag => ({ tag, type: "long", values });
  const tags = [
    long(254, reduced ? 1 : 0),
    long(256, width),
    long(257, height),
    short(258, ...Array<number>(samples).fill(8)),
    short(259, compression),
    short(262, photometric),
    short(277, samples),
    short(284, 1),
    long(322, tileWidth),
    long(323, tileHeight),
    ...(plan.description === undefined ? [] : [text(270, plan.description)]),
    ...(plan.more ?? []),
  ];
  return {
    tags: [...new Map(tags.map((tag) => [tag.tag, tag])).values()],
    data: { blocks: tiles, places: 324, lengths: 325 },
    ...(plan.sub ? { sub: plan.sub } : {}),
    ...(plan.next === undefined ? {} : { next: plan.next }),
  };
}

export function text(tag: number, value: string): Tag {
  return { tag, type: "ascii", values: Buffer.from(`${value}\0`) };
}
