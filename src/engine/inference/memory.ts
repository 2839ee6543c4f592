/** Lays arrays out in a WebAssembly memory before the memory exists. */

/** A byte offset into the memory, a multiple of 16. */
export type Address = number;

const ALIGNMENT = 16;

/** Arrays that get places one after the other, with the numbers that they start with. */
export class ArrayLayout {
  #bytes = ALIGNMENT;
  readonly #contents: { readonly at: Address; readonly values: Float32Array | Uint32Array }[] = [];

  /** The bytes that all arrays need. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A place for `length` float32 numbers, which start as zeros. */
  reserve(length: number): Address {
    const at = this.#bytes;
    this.#bytes += Math.ceil((length * 4) / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  /** A place for numbers that are known. */
  place(values: Float32Array | Uint32Array): Address {
    const at = this.reserve(values.length);
    this.#contents.push({ at, values });
    return at;
  }

  /** Writes the known numbers into a new memory of at least `bytes` bytes. */
  fill(memory: ArrayBuffer): void {
    for (const { at, values } of this.#contents) {
      new Uint8Array(memory, at).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
}
