/** The number types of feature extractors' inputs and outputs, with conversions to and from the types used here. */
import type { RuntimeData } from "../../engine/runtime/session.ts";
import { fromFloat16, toFloat16 } from "../../util/float16.ts";
import type { InputType } from "./extractor.ts";

/** Memory for an extractor's input. */
interface InputMemory {
  /** The array to fill, with any numbers. A byte array truncates them to whole numbers. */
  readonly numbers: Float32Array | Float64Array | Uint8Array;
  /** The numbers in the extractor's type, as ONNX Runtime expects them. */
  complete(): RuntimeData;
}

const asItIs = <T extends Float32Array | Float64Array | Uint8Array>(numbers: T): InputMemory => ({
  numbers,
  complete: () => numbers,
});

/** Memory for a number of values of each type. */
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

/** Converts features of each type to float32, the stored type. Values of float64 are rounded. */
export const OUTPUT_TYPES = {
  float32: (data) => data as Float32Array,
  float16: (data) => fromFloat16(data as Uint16Array),
  float64: (data) => Float32Array.from(data as Float64Array),
} as const satisfies Record<string, (data: RuntimeData) => Float32Array>;

export type OutputType = keyof typeof OUTPUT_TYPES;

export const isOutputType = (type: string): type is OutputType => Object.hasOwn(OUTPUT_TYPES, type);
