/**
 * The only file that uses the HDF5 library. It reads the bytes of a file as groups, texts and arrays of numbers; other
 * files interpret them.
 */
import { type Attribute, Dataset, type Entity, File, Group, Module as hdf5, ready } from "h5wasm";
import { messageOf } from "../../util/errors.ts";
import { fromBfloat16, fromFloat16 } from "../../util/float16.ts";

/** An array in a file: its shape, and a function that reads its numbers. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** @throws Error if the numbers are not floats, or are damaged. */
  read(): Float32Array;
}

export interface Hdf5File {
  /** The names in a group, sorted by their bytes; empty if there is no such group. */
  names(path: string): string[];
  /** @throws Error if there is no array with this name. */
  array(path: string): StoredArray;
  /** The texts of an attribute of a group; undefined if there is no such attribute. */
  texts(path: string, name: string): string[] | undefined;
}

/** The limit for a list of texts. No supported network has more layers, or more weights per layer. */
const MOST_TEXTS = 4096;
/** HDF5's numbers of its type classes (H5T_class_t). */
const [FLOAT, STRING, OPAQUE] = [1, 3, 5];
/**
 * A path in HDF5's own file system, which is in memory. The contents of a file therefore cannot make HDF5 open other
 * files.
 */
const NAME = "/weights.h5";

/**
 * Opens a file and passes it to `use`. HDF5 takes over the bytes. HDF5 is a large C library, and a damaged file may
 * crash or block it: call this function only where that does no harm (isolated.ts).
 * @throws Error if the bytes are not an HDF5 file, or are damaged.
 */
export async function withHdf5<T>(bytes: Uint8Array, use: (file: Hdf5File) => T): Promise<T> {
  const { FS, activate_throwing_error_handler: throwErrors } = await ready;
  throwErrors();
  // The types lack Emscripten's option canOwn, which saves a copy.
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

/**
 * HDF5 reports an error once for each function in the call stack. The last line contains the cause: "...(): truncated
 * file".
 */
function plainly(error: unknown): unknown {
  const causes = [...messageOf(error).matchAll(/^ +#\d+: .*\(\): (.*)$/gm)];
  return causes.length === 0 ? error : new Error(`HDF5 says: ${causes.at(-1)![1]}`);
}

/** The entity at a path. Links to other files are not followed. */
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
      // HDF5 does not support bfloat16. Keras 3 writes it as opaque bytes and names the type in an attribute.
      if (type === OPAQUE && size === 2 && entity.attrs.dtype?.value === "bfloat16") {
        return fromBfloat16(halvesOf(entity));
      }
      throw new Error(`its array ${path} does not hold float16, bfloat16, float32 or float64`);
    },
  };
}

/** Reads numbers of two bytes in the machine's byte order. h5wasm itself does not read them as floats. */
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
    // An empty list is stored as an empty list of floats.
    if (shape?.includes(0)) return [];
    throw new Error(`its attribute ${name} is not a list of texts`);
  }
  return [attribute.value].flat() as string[];
}
