/** The one door to 16-bit floats, which JavaScript has only from Node 24 on: arrays of their bits to and from float32. */
import { getFloat16, setFloat16 } from "@petamoriken/float16";

const BYTES = 2;

/** The values of IEEE 754 binary16 numbers, each exact in float32. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  const view = new DataView(bits.buffer, bits.byteOffset, bits.byteLength);
  return Float32Array.from(bits, (_, place) => getFloat16(view, place * BYTES, LITTLE_ENDIAN));
}

/** The bits of the nearest binary16 numbers (ties to even); beyond 65,504 that is infinity. */
export function toFloat16(values: ArrayLike<number>, into: Uint16Array = new Uint16Array(values.length)): Uint16Array {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  for (let place = 0; place < values.length; place++) setFloat16(view, place * BYTES, values[place]!, LITTLE_ENDIAN);
  return into;
}

/** The values of bfloat16 numbers (the upper halves of float32 numbers), each exact in float32. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

/** The order of this machine's own arrays. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
