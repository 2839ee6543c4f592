/**
 * Locates and reads the frames of a DICOM file, uncompressed or compressed (PS3.5, annex A.4). decode.ts decodes them.
 */
import { counted } from "../../../util/numbers.ts";
import type { Element } from "./elements.ts";
import { damaged, type Instance } from "./instance.ts";
import { ITEM, SEQUENCE_END, TAG } from "./tags.ts";

/** Reads the bytes of a frame. Frames are numbered from 0 within the file. */
export type ReadFrame = (index: number) => Promise<Buffer>;

/** @throws UserError if the frame table is damaged, or the file ends before its last frame. */
export async function frameReader(instance: Instance): Promise<ReadFrame> {
  const { file, frames } = instance;
  const pixels = instance.header.data.get(TAG.pixelData);
  if (!pixels) throw damaged(file, "it holds no pixels");
  try {
    const read = pixels.length === undefined ? await packedFrames(instance, pixels) : plainFrames(instance, pixels);
    await read(frames - 1);
    return read;
  } catch (error) {
    throw error instanceof FrameError ? damaged(file, error.message) : error;
  }
}

class FrameError extends Error {}

/** Uncompressed: all frames have the same length. */
function plainFrames({ file, frames, ...frame }: Instance, { offset, length = 0 }: Element): ReadFrame {
  const bytes = frame.tileWidth * frame.tileHeight * frame.samplesPerPixel;
  // Odd lengths are padded to an even number of bytes.
  if (length !== frames * bytes + ((frames * bytes) % 2)) {
    throw new FrameError(`its ${frames} frames have ${counted(length, "byte")}, not ${frames * bytes}`);
  }
  return (index) => file.read(offset + index * bytes, bytes);
}

async function packedFrames(instance: Instance, { offset }: Element): Promise<ReadFrame> {
  const { file, frames } = instance;
  const table = await fragmentAt(instance, offset, file.size);
  if (table.tag !== ITEM) throw new FrameError("its pixels do not begin with a table of frames");
  const first = table.at + table.length;
  const extended = instance.header.data.get(TAG.extendedOffsets);
  const starts = extended
    ? await extendedTable(instance, extended)
    : table.length > 0
      ? await basicTable(instance, table)
      : await foundTable(instance, first);
  return (index) => {
    const end = index + 1 < frames ? first + starts[index + 1]! : undefined;
    return joinedFragments(instance, first + starts[index]!, end);
  };
}

/** 2 bytes per sample plus 64 KB for headers. Compressed data is never many times larger than its content. */
const mostBytes = ({ tileWidth, tileHeight, samplesPerPixel }: Instance): number =>
  2 * tileWidth * tileHeight * samplesPerPixel + 65_536;

async function extendedTable(instance: Instance, { offset, length }: Element): Promise<Float64Array> {
  const { file, frames } = instance;
  if (length !== frames * 8)
    throw new FrameError(
      `its extended table of frames has ${counted(length ?? 0, "byte")} for ${counted(frames, "frame")}`,
    );
  const bytes = await file.read(offset, length);
  return ascending(Float64Array.from({ length: frames }, (_, i) => Number(bytes.readBigUInt64LE(8 * i))));
}

async function basicTable({ file, frames }: Instance, { at, length }: Fragment): Promise<Float64Array> {
  if (length !== frames * 4)
    throw new FrameError(`its table of frames has ${counted(length ?? 0, "byte")} for ${counted(frames, "frame")}`);
  const bytes = await file.read(at, length);
  return ascending(Float64Array.from({ length: frames }, (_, i) => bytes.readUInt32LE(4 * i)));
}

function ascending(starts: Float64Array): Float64Array {
  const sound = starts[0] === 0 && starts.every((start, i) => i === 0 || start > starts[i - 1]!);
  if (sound) return starts;
  throw new FrameError("its table of frames is out of order");
}

/** The frame starts for a file without a frame table. Each fragment must then be one frame. */
async function foundTable(instance: Instance, first: number): Promise<Float64Array> {
  const { file, frames } = instance;
  if (frames === 1) return new Float64Array(1);
  // Each fragment takes at least 8 bytes.
  if (frames * 8 > file.size) throw new FrameError(`it is too short for ${frames} frames`);
  const starts = new Float64Array(frames);
  let place = first;
  for (let found = 0; ; found++) {
    const fragment = await fragmentAt(instance, place, file.size);
    if (fragment.tag === SEQUENCE_END && found === frames) return starts;
    if (fragment.tag === SEQUENCE_END || found === frames) {
      throw new FrameError(`it has no table of frames, and its fragments are not its ${frames} frames`);
    }
    starts[found] = place - first;
    place = fragment.at + fragment.length;
  }
}

interface Fragment {
  readonly tag: number;
  readonly at: number;
  readonly length: number;
}

async function fragmentAt({ file }: Instance, place: number, end: number): Promise<Fragment> {
  const bytes = await file.readAtMost(place, 8);
  if (bytes.length < 8) throw new FrameError("it is cut off");
  const tag = bytes.readUInt16LE(0) * 0x10000 + bytes.readUInt16LE(2);
  const length = bytes.readUInt32LE(4);
  if (tag !== ITEM && tag !== SEQUENCE_END) throw new FrameError(`there is no frame at its byte ${place}`);
  if (place + 8 + length > end) throw new FrameError("it is cut off, or its frames overlap");
  return { tag, at: place + 8, length };
}

/** Reads a frame's fragments up to the start of the next frame, or up to the end marker. */
async function joinedFragments(instance: Instance, start: number, end: number | undefined): Promise<Buffer> {
  const { file } = instance;
  const most = mostBytes(instance);
  const parts: Buffer[] = [];
  let sum = 0;
  for (let place = start; place !== end; ) {
    const { tag, at, length } = await fragmentAt(instance, place, end ?? file.size);
    if (tag === SEQUENCE_END) break;
    sum += length;
    if (sum > most) throw new FrameError(`a frame has ${counted(sum, "byte")}`);
    parts.push(await file.read(at, length));
    place = at + length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
