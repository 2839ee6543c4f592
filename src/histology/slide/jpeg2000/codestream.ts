/**
 * Reads and checks the header of a JPEG 2000 codestream (ISO 15444-1, annex A), before a decoder allocates memory for
 * it.
 */
import { dataViewOf } from "../../../util/bytes.ts";
import { counted, whole } from "../../../util/numbers.ts";

const START_AND_SIZE = 0xff4fff51;
const CODING_STYLE = 0xff52;
const FIRST_TILE_PART = 0xff90;
/**
 * Offsets in the SIZ segment: Xsiz, Ysiz and the other sizes, then the number of components, then three bytes per
 * component.
 */
const SIZES_AT = 8;
const COMPONENTS_AT = 40;

/** A decoder allocates memory for each tile. Aperio's codestreams have one tile. */
const MOST_TILES = 1024;

export interface Codestream {
  readonly width: number;
  readonly height: number;
  /** Subsampling factors of each component: [1, 1], [2, 1], [2, 1] for YCbCr 4:2:2. */
  readonly sampling: readonly (readonly [across: number, down: number])[];
  /** Whether the encoder applied a colour transform, which the decoder reverses. */
  readonly transformed: boolean;
}

/** @throws Error if it is not a codestream, or of an unsupported kind. */
export function readCodestream(bytes: Uint8Array): Codestream {
  const view = dataViewOf(bytes);
  if (bytes.length < COMPONENTS_AT + 3 || view.getUint32(0) !== START_AND_SIZE) {
    throw new Error("it does not begin as a JPEG 2000 codestream does");
  }
  const size = (index: number) => view.getUint32(SIZES_AT + 4 * index);
  const [width, height, left, top, tileWidth, tileHeight] = [0, 1, 2, 3, 4, 5].map(size) as [
    ...[number, number, number, number, number, number],
  ];
  if (left !== 0 || top !== 0 || size(6) !== 0 || size(7) !== 0)
    throw new Error("its picture does not begin at (0, 0)");
  const tiles = Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight);
  if (!(tiles >= 1 && tiles <= MOST_TILES))
    throw new Error(`it has ${counted(tiles, "tile")}, expected from 1 to ${whole(MOST_TILES)}`);
  return { width, height, sampling: components(bytes), transformed: isTransformed(bytes) };
}

function components(bytes: Uint8Array): Codestream["sampling"] {
  const count = dataViewOf(bytes).getUint16(COMPONENTS_AT);
  if (count !== 1 && count !== 3) throw new Error(`it has ${count} colour components, not 1 or 3`);
  return Array.from({ length: count }, (_, index) => {
    const [depth, across, down] = bytes.subarray(COMPONENTS_AT + 2 + 3 * index);
    if (depth !== 7) throw new Error("its samples have other than 8 bits");
    if (!across || !down || across > 4 || down > 4) throw new Error("its components differ too much in size");
    return [across, down] as const;
  });
}

function isTransformed(bytes: Uint8Array): boolean {
  const view = dataViewOf(bytes);
  // The start marker has no length field. All further markers up to the first tile have one.
  for (let at = 2; at + 4 <= bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === FIRST_TILE_PART) break;
    if (marker === CODING_STYLE && at + 9 <= bytes.length) return bytes[at + 8] === 1;
  }
  throw new Error("its coding style is missing");
}

/**
 * Returns the codestream with the grid's height doubled, and with each component's vertical subsampling doubled. All
 * samples stay the same. By default, OpenJPEG's JavaScript build converts components of different sizes to RGB itself,
 * and truncates where OpenSlide rounds. It skips this conversion if the first component's sampling is not square.
 */
export function withOblongComponents(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = dataViewOf(copy);
  for (const index of [1, 5]) view.setUint32(SIZES_AT + 4 * index, view.getUint32(SIZES_AT + 4 * index) * 2);
  const count = view.getUint16(COMPONENTS_AT);
  for (let index = 0; index < count; index++) copy[COMPONENTS_AT + 2 + 3 * index + 2]! *= 2;
  return copy;
}
