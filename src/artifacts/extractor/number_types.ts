/** The types of numbers that feature extractors take and give, each with the way from and to the numbers that are computed here. */
import type { RuntimeData } from "../../engine/runtime/session.ts";
import { fromFloat16, toFloat16 } from "../../util/float16.ts";
import type { InputType } from "./extractor.ts";

/** Memory that is filled with an extractor's input, as ONNX Runtime takes it once it is complete. */
interface InputMemory {
  /** Any number may be written; bytes are cut to whole numbers. */
  readonly numbers: Float32Array | Float64Array | Uint8Array;
  /** What was written, in the extractor's type. */
  complete(): RuntimeData;
}

const asItIs = <T extends Float32Array | Float64Array | Uint8Array>(numbers: T): InputMemory => ({
  numbers,
  complete: () => numbers,
});

/** Memory for so many numbers of a type. */
export const INPUT_TYPES = {
  float32: (length) => asItIs(new Float32Array(length)),
  float16: (length) => {
    const numbers = new Float32Array(length);
    return { numbers, complete: () => toFloat16(numbers) };
  },
  float64: (length) => asItIs(new Float64Array(length)),
  uint8: (length) => asItIs(new Uint8Array(length)),
} as const satisfies Record<InputType, (length: number) => InputMemory>;

export const isInputType = (type: string): type is InputType => Object.hasOwn(INPUT_TYPES, type);

/** Features of a type as float32, in which they are stored: float64 is rounded. */
export const OUTPUT_TYPES = {
  float32: (data) => data as Float32Array,
  float16: (data) => fromFloat16(data as Uint16Array),
  float64: (data) => Float32Array.from(data as Float64Array),
} as const satisfies Record<string, (data: RuntimeData) => Float32Array>;

export type OutputType = keyof typeof OUTPUT_TYPES;

export const isOutputType = (type: string): type is OutputType => Object.hasOwn(OUTPUT_TYPES, type);
