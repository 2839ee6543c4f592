/**
 * Lays out arrays in one WebAssembly memory. All arrays are reserved first; then the memory and the views are created.
 */
import { type Kernels, loadKernels, type Pointer } from "./kernels.ts";

/** An array in the memory: its address for the kernels, and a view of it. */
export interface Piece<T> {
  readonly at: Pointer;
  readonly view: T;
}

export type Floats = Piece<Float32Array>;

/** A range of elements of a piece. */
export function part<T extends Float32Array | Float64Array | Uint8Array>(
  { at, view }: Piece<T>,
  start: number,
  length: number,
): Piece<T> {
  return { at: at + start * view.BYTES_PER_ELEMENT, view: view.subarray(start, start + length) as T };
}

type ViewConstructor = Float32ArrayConstructor | Float64ArrayConstructor | Uint8ArrayConstructor;

const ALIGNMENT_BYTES = 64;

/** Reserves arrays. `open` then creates the memory and loads the kernels over it. Views must not be used before. */
export class MemoryPlan {
  #bytes = ALIGNMENT_BYTES;
  readonly #views: ((memory: ArrayBuffer) => void)[] = [];

  /** The number of bytes reserved so far. */
  get bytes(): number {
    return this.#bytes;
  }

  reserve<T extends ViewConstructor>(Type: T, length: number): Piece<InstanceType<T>> {
    const at = this.#bytes;
    this.#bytes += Math.ceil((length * Type.BYTES_PER_ELEMENT) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const piece = { at, view: new Type(0) as InstanceType<T> };
    this.#views.push((memory) => {
      piece.view = new Type(memory, at, length) as InstanceType<T>;
    });
    return piece;
  }

  open(): Kernels {
    const { kernels, memory } = loadKernels(this.#bytes);
    for (const makeView of this.#views) makeView(memory);
    return kernels;
  }
}
