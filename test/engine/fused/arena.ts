/** The kernels' memory for tests: lays out arrays with guard zones between them and sees what a kernel wrote where it must not. */
import assert from "node:assert/strict";
import { type Kernels, loadKernels } from "../../../src/engine/fused/kernels.ts";
import type { Shape } from "./twins.ts";

const GUARD_BYTES = 64;
/**
 * A signaling NaN as float32, and 1e306 as float64: a number read from a guard zone spoils the result that it enters, and
 * the NaN that then comes out has other bits, so that it is seen where it is written over a guard zone.
 */
const GUARD = 0x7fa5a5a5;

export type View = Float32Array | Float64Array | Uint8Array;

export class Arena {
  readonly kernels: Kernels;
  readonly #bytes: Uint8Array;
  #top = GUARD_BYTES;

  constructor(megabytes = 4) {
    const { kernels, memory } = loadKernels(megabytes * 2 ** 20);
    this.kernels = kernels;
    new Uint32Array(memory).fill(GUARD);
    this.#bytes = new Uint8Array(memory);
  }

  /** Forgets all arrays. */
  clear(): void {
    new Uint32Array(this.#bytes.buffer).fill(GUARD, 0, (this.#top + GUARD_BYTES) / 4);
    this.#top = GUARD_BYTES;
  }

  /** A copy of an array in the kernels' memory; its byteOffset is the pointer. */
  put<T extends View>(values: T): T {
    const view = this.#view(values.constructor as new (...args: ViewArgs) => T, values.length);
    view.set(values);
    return view;
  }

  /** An output, full of NaN until written. */
  float32(length: number): Float32Array {
    return this.#view(Float32Array, length);
  }

  float64(length: number): Float64Array {
    return this.#view(Float64Array, length);
  }

  bytes(length: number): Uint8Array {
    return this.#view(Uint8Array, length);
  }

  /** Bordered planes with a border of zeros around the values, or around NaN. */
  bordered(shape: Shape, values?: Float32Array): Float32Array {
    const planes = this.float32(shape.n * shape.c * (shape.h + 2) * (shape.w + 2)).fill(0);
    eachInterior(shape, (bordered, dense) => {
      planes[bordered] = values ? values[dense]! : Number.NaN;
    });
    return planes;
  }

  /** Runs a kernel, and asserts that no byte outside the outputs is another than before. */
  run(outputs: readonly View[], kernel: (kernels: Kernels) => void): void {
    const end = this.#top + GUARD_BYTES;
    const before = this.#bytes.slice(0, end);
    kernel(this.kernels);
    const after = this.#bytes.slice(0, end);
    for (const { byteOffset, byteLength } of outputs) {
      after.set(before.subarray(byteOffset, byteOffset + byteLength), byteOffset);
    }
    assert.equal(Buffer.compare(before, after), 0, "the kernel wrote outside its outputs");
  }

  #view<T>(type: new (...args: ViewArgs) => T, length: number): T {
    const view = new type(this.#bytes.buffer as ArrayBuffer, this.#top, length);
    const { byteLength } = view as View;
    this.#top = Math.ceil((this.#top + byteLength + GUARD_BYTES) / 16) * 16;
    assert.ok(this.#top + GUARD_BYTES <= this.#bytes.length, "the test's memory is too small");
    return view;
  }
}

type ViewArgs = [buffer: ArrayBuffer, offset: number, length: number];

/** The interior of bordered planes as dense planes; asserts that the border is zero. */
export function interior(planes: Float32Array, shape: Shape): Float32Array {
  const border = planes.slice();
  const dense = new Float32Array(shape.n * shape.c * shape.h * shape.w);
  eachInterior(shape, (from, to) => {
    dense[to] = planes[from]!;
    border[from] = 0;
  });
  assert.ok(
    border.every((value) => value === 0),
    "the border is not zero",
  );
  return dense;
}

function eachInterior({ n, c, h, w }: Shape, visit: (bordered: number, dense: number) => void): void {
  for (let dense = 0; dense < n * c * h * w; dense++) {
    const [x, y, plane] = [dense % w, Math.floor(dense / w) % h, Math.floor(dense / (h * w))];
    visit((plane * (h + 2) + y + 1) * (w + 2) + x + 1, dense);
  }
}
