/**
 * Reads the directories of a Hamamatsu NDPI file. It is a little-endian TIFF with eight-byte directory offsets. After
 * each directory follow the high halves of its values, so that a file may exceed 4 GB.
 */
import { dataViewOf, latin1 } from "../../../util/bytes.ts";
import type { SlideFile } from "../file.ts";

/** Entries by tag. Values outside the entry are read when needed. */
export type NdpiDirectory = ReadonlyMap<number, NdpiEntry>;

interface NdpiEntry {
  readonly type: number;
  readonly count: number;
  /** The entry's four value bytes: the value itself, or the low half of its offset. */
  readonly value: Uint8Array;
  /** The value as a file offset. */
  readonly place: number;
}

const TYPES: Readonly<Record<number, { bytes: number; read: (view: DataView, at: number) => number }>> = {
  3: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 8, read: (view, at) => view.getUint32(at, true) / view.getUint32(at + 4, true) },
  9: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  11: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
};

const LONG = 4;
const ENTRY_BYTES = 12;
const MOST_ENTRIES = 4096;
const MOST_DIRECTORIES = 10_000;
const MOST_VALUES = 1 << 24;
/** Smaller files may come from an older version without high halves. */
const FOUR_GIGABYTES = 2 ** 32;

/** The chain of directories; undefined if the file does not begin as an NDPI file. */
export async function ndpiDirectories(file: SlideFile, marker: number): Promise<NdpiDirectory[] | undefined> {
  const head = file.head;
  if (head.length < 12 || latin1(head, 0, 4) !== "II*\0") return undefined;
  const found: NdpiDirectory[] = [];
  const places = new Set<number>();
  for (let place = Number(dataViewOf(head).getBigUint64(4, true)); place !== 0; ) {
    if (places.has(place) || places.size === MOST_DIRECTORIES) throw new Error("its directories do not end");
    places.add(place);
    const { directory, next } = await directoryAt(file, place);
    // In other TIFF files these eight bytes are not an offset.
    if (found.length === 0 && !directory?.has(marker)) return undefined;
    if (!directory) throw new Error("a directory lies beyond its end");
    found.push(directory);
    place = next;
  }
  return found.length === 0 ? undefined : found;
}

async function directoryAt(file: SlideFile, place: number): Promise<{ directory?: NdpiDirectory; next: number }> {
  const start = await file.readAtMost(place, 2);
  const count = start.length === 2 ? dataViewOf(start).getUint16(0, true) : 0;
  const bytes = await file.readAtMost(place + 2, count * (ENTRY_BYTES + 4) + 8);
  const view = dataViewOf(bytes);
  const end = count * ENTRY_BYTES;
  if (count === 0 || count > MOST_ENTRIES || bytes.length < end + 8) return { next: 0 };
  const large = file.size > FOUR_GIGABYTES;
  if (large && bytes.length < end + 8 + 4 * count) return { next: 0 };
  const directory = new Map<number, NdpiEntry>();
  for (let i = 0; i < count; i++) {
    const at = i * ENTRY_BYTES;
    const high = large ? view.getUint32(end + 8 + 4 * i, true) : 0;
    directory.set(view.getUint16(at, true), {
      type: view.getUint16(at + 2, true),
      count: view.getUint32(at + 4, true),
      value: bytes.subarray(at + 8, at + 12),
      place: high * FOUR_GIGABYTES + view.getUint32(at + 8, true),
    });
  }
  return { directory, next: Number(view.getBigUint64(end, true)) };
}

/** The numbers of a tag; empty if the tag is absent or of another type. */
export async function entryNumbers(file: SlideFile, directory: NdpiDirectory, tag: number): Promise<Float64Array> {
  const entry = directory.get(tag);
  const type = entry && TYPES[entry.type];
  if (!entry || !type) return new Float64Array(0);
  const { count, place, value } = entry;
  if (count > MOST_VALUES) throw new Error(`tag ${tag} has ${count} values`);
  // A single four-byte value has a high half too.
  if (entry.type === LONG && count === 1) return Float64Array.of(place);
  const bytes = count * type.bytes <= value.length ? value : await file.read(place, count * type.bytes);
  const view = dataViewOf(bytes);
  return Float64Array.from({ length: count }, (_, i) => type.read(view, i * type.bytes));
}
