/**
 * Writes a tile as a complete TIFF file with one strip. libtiff can then decode any of its compressions, in sharp's
 * threads.
 */
import type { TiffImage } from "../tiff/image.ts";
import { PREDICTED } from "../tiff/kinds.ts";

/** A tag: its number, its type (SHORT or LONG) and its values. */
type Tag = readonly [number, "short" | "long", readonly number[]];

interface Tile {
  readonly width: number;
  readonly height: number;
  /** The bytes of each plane; one buffer if the samples are interleaved. */
  readonly planes: readonly Uint8Array[];
  readonly littleEndian: boolean;
}

const HEADER_BYTES = 8;

/** The file: header, planes, values too long for the directory, directory. */
export function singleTileTiff(image: TiffImage, { width, height, planes, littleEndian }: Tile): Buffer {
  const { samplesPerPixel, bits } = image;
  const ends = planes.map((_, i) => planes.slice(0, i + 1).reduce((sum, { length }) => sum + length, HEADER_BYTES));
  const tags: Tag[] = [
    [256, "long", [width]],
    [257, "long", [height]],
    [258, "short", Array<number>(samplesPerPixel).fill(bits[0]!)],
    [259, "short", [image.compression]],
    [262, "short", [image.photometric]],
    [273, "long", planes.map(({ length }, i) => ends[i]! - length)],
    [277, "short", [samplesPerPixel]],
    [278, "long", [height]],
    [279, "long", planes.map(({ length }) => length)],
    [284, "short", [planes.length > 1 ? 2 : 1]],
    ...extraSamplesOf(image),
    ...[...image.coding].filter(([tag]) => belongs(tag, image)).map(([tag, values]): Tag => [tag, "short", values]),
  ];
  const encode = encoder(littleEndian);
  const outside: Buffer[] = [];
  let at = ends.at(-1)!;
  const entries = tags
    .sort(([a], [b]) => a - b)
    .map(([tag, type, values]) => {
      const bytes = encode(type, values);
      const start = [encode("short", [tag, type === "short" ? 3 : 4]), encode("long", [values.length])];
      if (bytes.length <= 4) return Buffer.concat([...start, bytes], 12);
      outside.push(bytes);
      at += bytes.length;
      return Buffer.concat([...start, encode("long", [at - bytes.length])]);
    });
  const header = [Buffer.from(littleEndian ? "II" : "MM"), encode("short", [42]), encode("long", [at])];
  const directory = [encode("short", [entries.length]), ...entries, encode("long", [0])];
  return Buffer.concat([...header, ...planes, ...outside, ...directory]);
}

const PREDICTOR = 317;

/** libtiff warns if a predictor does not belong to the compression. */
const belongs = (tag: number, { compression }: TiffImage): boolean =>
  tag !== PREDICTOR || PREDICTED.includes(compression);

const ASSOCIATED_ALPHA = 1;
const ALPHA = 2;

/**
 * A sample beyond the colours is transparency, even if the file does not state it. OpenSlide and libvips do the same.
 */
function extraSamplesOf({ samplesPerPixel, extraSamples }: TiffImage): Tag[] {
  if (samplesPerPixel % 2 === 1) return [];
  return [[338, "short", [extraSamples[0] === ASSOCIATED_ALPHA ? ASSOCIATED_ALPHA : ALPHA]]];
}

function encoder(littleEndian: boolean): (type: Tag[1], values: readonly number[]) => Buffer {
  return (type, values) => {
    const size = type === "short" ? 2 : 4;
    const bytes = Buffer.alloc(size * values.length);
    values.forEach((value, i) => {
      if (littleEndian) bytes.writeUIntLE(value, i * size, size);
      else bytes.writeUIntBE(value, i * size, size);
    });
    return bytes;
  };
}
