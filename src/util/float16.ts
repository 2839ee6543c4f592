/**
 * Converts arrays of 16-bit floats, given as their bits, to and from float32. It is the only file that uses the float16
 * library; JavaScript itself has 16-bit floats only from Node 24 on.
 */
import { Float16Array } from "@petamoriken/float16";

let values: Float32Array | undefined;

/** The values of IEEE 754 binary16 numbers. Float32 represents each of them exactly. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  // A table of all 65,536 values, since reading single elements of the library's array is slow.
  values ??= new Float32Array(new Float16Array(Uint16Array.from({ length: 65536 }, (_, half) => half).buffer));
  const all = values;
  return Float32Array.from(bits, (half) => all[half]!);
}

/** The bits of the nearest binary16 numbers (ties to even). Values of 65,520 and more become infinity. */
export function toFloat16(numbers: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(numbers).buffer);
}

/** The values of bfloat16 numbers (the upper halves of float32 numbers). Float32 represents each of them exactly. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
