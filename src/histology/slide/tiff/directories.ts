/** Reads the directories of a TIFF file (TIFF 6.0, BigTIFF) with geotiff.js. image.ts interprets their tags. */
import type { GeoTIFF } from "geotiff";
import { latin1 } from "../../../util/bytes.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";
import type { SlideFile } from "../file.ts";

/** The tags of a directory. The types of geotiff.js, which has more of them, need those of the DOM. */
export interface Directory {
  readonly nextIFDByteOffset: number;
  hasTag(tag: number | string): boolean;
  /** The value, or undefined if the directory has no such tag. @throws Error if it is a text that is not loaded yet */
  getValue(tag: number | string): unknown;
  loadValue(tag: number | string): Promise<unknown>;
}

export interface TiffFile {
  readonly littleEndian: boolean;
  /** The file's chain of directories in order; at least one. */
  readonly directories: readonly [Directory, ...Directory[]];
  /** The sub-directories of a directory, which are its smaller versions. */
  subDirectories(of: Directory): Promise<Directory[]>;
}

/** Limits against endless chains of directories and repeatedly read tags. A large slide has about 15 directories. */
const MOST_DIRECTORIES = 10_000;
const MOST_BYTES = 128 * 1024 * 1024;

/** The damage found in a file, as a clause. */
class Damage extends Error {}

const MAGIC = ["II*\0", "MM\0*", "II+\0", "MM\0+"];

const known = new WeakMap<SlideFile, Promise<TiffFile | undefined>>();

/**
 * The file's directories; undefined if it does not begin as a TIFF file. They are read once per file and shared by all
 * formats.
 * @throws UserError if they are damaged.
 */
export function tiffOf(file: SlideFile): Promise<TiffFile | undefined> {
  const read = known.get(file) ?? readTiff(file);
  known.set(file, read);
  return read;
}

async function readTiff(file: SlideFile): Promise<TiffFile | undefined> {
  if (!MAGIC.includes(latin1(file.head, 0, 4))) return undefined;
  const { GeoTIFF } = await geotiff();
  return understood(file, async () => {
    const tiff = await GeoTIFF.fromSource(sourceOf(file));
    return {
      littleEndian: tiff.littleEndian,
      directories: (await chain(tiff)) as [Directory, ...Directory[]],
      subDirectories: (of) => understood(file, () => subDirectories(tiff, of)),
    };
  });
}

/** Loaded when the first TIFF file is opened. */
let loaded: Promise<typeof import("geotiff")> | undefined;

function geotiff(): Promise<typeof import("geotiff")> {
  loaded ??= import("geotiff").then((library) => {
    // geotiff 3.0.5 decodes deferred arrays as little-endian in every file (its issue 535). It also allocates memory
    // for them before checking that the file contains them. So no array is deferred here.
    for (const [name, row] of Object.entries<{ tag: number; isArray?: boolean }>(library.globals.tagDictionary)) {
      if (row.isArray) library.registerTag(row.tag, name, undefined, true, true);
    }
    return library;
  });
  return loaded;
}

/**
 * A data source for geotiff. Reads beyond the end of the file return fewer bytes, which geotiff's parser detects.
 * Padding would be read as zeros.
 */
function sourceOf(file: SlideFile): Parameters<typeof GeoTIFF.fromSource>[0] {
  let left = MOST_BYTES;
  const fetchSlice = async ({ offset, length }: { offset: number; length: number }) => {
    if (length > left) throw new Damage("its directories hold more than 128 MB");
    const bytes = await file.readAtMost(offset, length);
    left -= bytes.length;
    return { offset, length, data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
  };
  return {
    fileSize: file.size,
    fetchSlice,
    fetch: (slices) => Promise.all(slices.map(async (slice) => (await fetchSlice(slice)).data)),
    close: async () => {},
  };
}

async function chain(tiff: GeoTIFF): Promise<Directory[]> {
  const found: Directory[] = [];
  const places = new Set<number>();
  for (let next = tiff.firstIFDOffset; next !== 0; next = found.at(-1)!.nextIFDByteOffset) {
    if (places.has(next)) throw new Damage("its directories form a circle");
    if (places.size === MOST_DIRECTORIES)
      throw new Damage(`it has more than ${counted(MOST_DIRECTORIES, "directory", "directories")}`);
    places.add(next);
    found.push(await tiff.parser.parseFileDirectoryAt(next));
  }
  if (found.length === 0) throw new Damage("it has no directory");
  return found;
}

const SUB_IFDS = 330;

async function subDirectories(tiff: GeoTIFF, of: Directory): Promise<Directory[]> {
  const value: unknown = await of.loadValue(SUB_IFDS);
  const places = value === undefined ? [] : Array.from(value as ArrayLike<number>);
  if (new Set(places).size < places.length) throw new Damage("it names a directory twice");
  if (places.length > MOST_DIRECTORIES)
    throw new Damage(`it has more than ${counted(MOST_DIRECTORIES, "directory", "directories")}`);
  const found: Directory[] = [];
  for (const place of places) found.push(await tiff.parser.parseFileDirectoryAt(place));
  return found;
}

const IMAGE_DESCRIPTION = 270;

/**
 * The directory's description, or an empty text if there is none.
 * @throws UserError if it is damaged.
 */
export async function descriptionOf(directory: Directory): Promise<string> {
  const text = await loadText(directory, IMAGE_DESCRIPTION);
  // Texts in tags end with a NUL.
  return typeof text === "string" ? text.split("\0", 1)[0]! : "";
}

/** The value of a text tag. It is read only when needed, because it may be beyond the end of the file. */
export async function loadText(directory: Directory, tag: number): Promise<unknown> {
  try {
    return await directory.loadValue(tag);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      "slide-damaged",
      `The slide is a damaged TIFF file (the text of its tag ${tag}: ${messageOf(error)}): restore it.`,
    );
  }
}

/** Converts a parser error into a UserError that names the file. */
async function understood<T>(file: SlideFile, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    if (error instanceof UserError) throw error;
    // The parser's error messages do not help users.
    const why = error instanceof Damage ? error.message : "its directories cannot be read";
    throw new UserError("slide-damaged", `${file.path} is a damaged TIFF file (${why}): restore it.`);
  }
}
