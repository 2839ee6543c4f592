/** Tests the WebAssembly features of this machine's Node by running small modules, and limits WebAssembly memory. */
import type { WebAssemblyFeatures } from "../util/machine.ts";

/** The parts of WebAssembly's interface that are used. Node's types lack them. */
interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: { run(): number } };
  Memory: { readonly prototype: WebAssemblyMemory };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/** Modules with one function "run" that computes 42 with vector instructions. The source is above each. */
const MODULES = {
  // (i32x4.extract_lane 0 (i32x4.add (i32x4.splat (i32.const 40)) (i32x4.splat (i32.const 2))))
  simd: "AGFzbQEAAAABBQFgAAF/AwIBAAcHAQNydW4AAAoSARAAQSj9EUEC/RH9rgH9GwAL",
  // (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.relaxed_madd
  //   (f32x4.splat (f32.const 10)) (f32x4.splat (f32.const 4)) (f32x4.splat (f32.const 2)))))
  relaxed_simd: "AGFzbQEAAAABBQFgAAF/AwIBAAcHAQNydW4AAAoiASAAQwAAIEH9E0MAAIBA/RNDAAAAQP0T/YUC/YEC/RsACw==",
};

export function tryWebAssembly(): WebAssemblyFeatures {
  return { simd: works(MODULES.simd), relaxed_simd: works(MODULES.relaxed_simd) };
}

function works(module: string): boolean {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(module, "base64")));
    return exports.run() === 42;
  } catch {
    return false;
  }
}

const PAGE_BYTES = 65536;

/**
 * Limits the growth of all WebAssembly memories of this thread to a number of bytes. A program that needs more fails to
 * allocate.
 */
export function boundWebAssemblyMemory(mostBytes: number): void {
  const { prototype } = WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * PAGE_BYTES > mostBytes) throw new RangeError("out of bounds of this thread");
    return grow.call(this, pages);
  };
}
