/**
 * The file of an overview: the JPEG tiles of a slide's coarse levels, one after the other, then their places. Each tile
 * has a checksum, and the file names the slide that it belongs to.
 */
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { UserError } from "../../../util/errors.ts";
import type { TilePlace } from "./levels.ts";

const FORMAT = "cancernet overview 1";
/** The length of the places and their checksum, each as 32 bits. */
const END_BYTES = 8;

/** Where a tile lies in the file: first byte, number of bytes, CRC-32. */
type Span = readonly [start: number, length: number, checksum: number];

interface Places {
  readonly format: typeof FORMAT;
  /** Names the bytes of the slide; see system/file_stamp.ts. */
  readonly slide: string;
  /** By "z/x/y". */
  readonly tiles: Readonly<Record<string, Span>>;
}

const keyOf = ({ z, x, y }: TilePlace): string => `${z}/${x}/${y}`;

/** Writes the tiles in any order; `finish` makes the file valid. */
export class OverviewWriter {
  readonly #file: FileHandle;
  readonly #tiles: Record<string, Span> = {};
  #size = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(place: TilePlace, bytes: Uint8Array): Promise<void> {
    const start = this.#size;
    this.#size += bytes.length;
    this.#tiles[keyOf(place)] = [start, bytes.length, crc32(bytes)];
    await this.#file.write(bytes, 0, bytes.length, start);
  }

  async finish(slide: string): Promise<void> {
    const places: Places = { format: FORMAT, slide, tiles: this.#tiles };
    const text = Buffer.from(JSON.stringify(places));
    const end = Buffer.alloc(END_BYTES);
    end.writeUInt32LE(text.length, 0);
    end.writeUInt32LE(crc32(text), 4);
    await this.#file.write(Buffer.concat([text, end]), 0, text.length + END_BYTES, this.#size);
    await this.#file.sync();
  }
}

/** The tiles of a finished overview. */
export class OverviewReader {
  readonly #file: FileHandle;
  readonly #places: Places;

  private constructor(file: FileHandle, places: Places) {
    this.#file = file;
    this.#places = places;
  }

  /** Undefined if there is no such file, or it is damaged or of another slide. */
  static async open(path: string, slide: string): Promise<OverviewReader | undefined> {
    const file = await open(path, "r").catch(() => undefined);
    if (!file) return undefined;
    const places = await placesIn(file).catch(() => undefined);
    if (places?.format === FORMAT && places.slide === slide) return new OverviewReader(file, places);
    await file.close();
    return undefined;
  }

  /** @throws UserError if the tile is damaged. */
  async read(place: TilePlace): Promise<Buffer> {
    const [start, length, checksum] = this.#places.tiles[keyOf(place)] ?? [0, 0, -1];
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, start);
    if (bytesRead === length && crc32(bytes) === checksum) return bytes;
    throw new UserError("overview-damaged", "The stored overview of the slide is damaged: it is made again.");
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function placesIn(file: FileHandle): Promise<Places | undefined> {
  const { size } = await file.stat();
  const end = Buffer.alloc(END_BYTES);
  await file.read(end, 0, END_BYTES, size - END_BYTES);
  const [length, checksum] = [end.readUInt32LE(0), end.readUInt32LE(4)];
  if (length > size - END_BYTES) return undefined;
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, size - END_BYTES - length);
  return crc32(text) === checksum ? (JSON.parse(text.toString()) as Places) : undefined;
}
