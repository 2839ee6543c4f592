/** The one door to 16-bit floats, which JavaScript has only from Node 24 on: arrays of their bits to and from float32. */
import { Float16Array } from "@petamoriken/float16";

let values: Float32Array | undefined;

/** The values of IEEE 754 binary16 numbers, each exact in float32. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  // Of all 65,536: the library's array gives single numbers slowly.
  values ??= new Float32Array(new Float16Array(Uint16Array.from({ length: 65536 }, (_, half) => half).buffer));
  const all = values;
  return Float32Array.from(bits, (half) => all[half]!);
}

/** The bits of the nearest binary16 numbers (ties to even); from 65,520 on that is infinity. */
export function toFloat16(numbers: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(numbers).buffer);
}

/** The values of bfloat16 numbers (the upper halves of float32 numbers), each exact in float32. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
