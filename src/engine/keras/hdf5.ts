/** The one door to HDF5: the bytes of a file as groups, texts and arrays of numbers; what they mean is left to others. */
import { type Attribute, Dataset, type Entity, File, Group, Module as hdf5, ready } from "h5wasm";
import { messageOf } from "../../util/errors.ts";
import { fromBfloat16, fromFloat16 } from "../../util/float16.ts";

/** An array of a file: its shape, and its numbers when they are asked for. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** @throws Error if they are no floats, or are damaged. */
  read(): Float32Array;
}

export interface Hdf5File {
  /** The names in a group, in the order of their bytes; none if there is no such group. */
  names(path: string): string[];
  /** @throws Error if there is no array of this name. */
  array(path: string): StoredArray;
  /** The texts of an attribute of a group; undefined if it has no such attribute. */
  texts(path: string, name: string): string[] | undefined;
}

/** No network that is asked about here has more layers, or weights in a layer. */
const MOST_TEXTS = 4096;
/** HDF5's classes of types (H5T_class_t). */
const [FLOAT, STRING, OPAQUE] = [1, 3, 5];
/** Its own file system, in memory: no other file is within reach of what a file says. */
const NAME = "/weights.h5";

/**
 * Opens a file and hands it to `use`; the bytes are HDF5's own from then on. HDF5 is a large C library: a damaged file may trap or
 * block it, so call this where that can be borne (isolated.ts).
 * @throws Error if it is no HDF5 file, or is damaged.
 */
export async function withHdf5<T>(bytes: Uint8Array, use: (file: Hdf5File) => T): Promise<T> {
  const { FS, activate_throwing_error_handler: throwErrors } = await ready;
  throwErrors();
  // The types leave out Emscripten's canOwn, which saves a copy.
  const owned: object = { canOwn: true };
  FS.writeFile(NAME, bytes, owned);
  let file: File | undefined;
  try {
    file = new File(NAME, "r");
    return use(readable(file));
  } catch (error) {
    throw plainly(error);
  } finally {
    file?.close();
  }
}

function readable(file: File): Hdf5File {
  return {
    names: (path) => {
      const entity = entityOf(file, path);
      return entity instanceof Group ? entity.keys() : [];
    },
    array: (path) => arrayOf(entityOf(file, path), path),
    texts: (path, name) => {
      const entity = entityOf(file, path);
      return entity instanceof Group ? textsOf(entity.attrs[name], name) : undefined;
    },
  };
}

/** HDF5 reports an error in all the functions that it went through, the cause in the last line: "...(): truncated file". */
function plainly(error: unknown): unknown {
  const causes = [...messageOf(error).matchAll(/^ +#\d+: .*\(\): (.*)$/gm)];
  return causes.length === 0 ? error : new Error(`HDF5 says: ${causes.at(-1)![1]}`);
}

/** What a path leads to; links to other files lead nowhere. */
function entityOf(file: File, path: string): Entity | null {
  return path === "" ? file : file.get(path);
}

function arrayOf(entity: Entity | null, path: string): StoredArray {
  if (!(entity instanceof Dataset)) throw new Error(`it has no array ${path}`);
  const { shape, type, size } = entity.metadata;
  return {
    shape: shape ?? [],
    read() {
      if (type === FLOAT && (size === 4 || size === 8)) {
        return Float32Array.from(entity.value as Float32Array | Float64Array);
      }
      if (type === FLOAT && size === 2) return fromFloat16(halvesOf(entity));
      // Keras 3 writes bfloat16, which HDF5 does not know, as bytes without a meaning and names it in an attribute.
      if (type === OPAQUE && size === 2 && entity.attrs.dtype?.value === "bfloat16") {
        return fromBfloat16(halvesOf(entity));
      }
      throw new Error(`its array ${path} does not hold float16, bfloat16, float32 or float64`);
    },
  };
}

/** Numbers of two bytes in the machine's order, which h5wasm's own reading does not know as floats. */
function halvesOf({ file_id, path, metadata }: Dataset): Uint16Array {
  const bytes = metadata.size * metadata.total_size;
  const pointer = hdf5._malloc(bytes);
  if (pointer === 0) throw new Error(`its array ${path} does not fit into memory`);
  try {
    hdf5.get_dataset_data(file_id, path, null, null, null, BigInt(pointer));
    return new Uint16Array(hdf5.HEAPU8.slice(pointer, pointer + bytes).buffer);
  } finally {
    hdf5._free(pointer);
  }
}

function textsOf(attribute: Attribute | undefined, name: string): string[] | undefined {
  if (attribute === undefined) return undefined;
  const { type, shape } = attribute.metadata;
  if (type !== STRING || (shape ?? []).reduce((product, length) => product * length, 1) > MOST_TEXTS) {
    // An empty list is written as one of floats.
    if (shape?.includes(0)) return [];
    throw new Error(`its attribute ${name} is no list of texts`);
  }
  return [attribute.value].flat() as string[];
}
