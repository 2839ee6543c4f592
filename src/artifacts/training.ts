/** The type of the information about a model's training. training_record.ts reads it from a run folder. */
import type { Kept } from "../options/training/keep.ts";
import type { MeasuredEpoch } from "./history.ts";

/** How a model was trained. */
export interface Training {
  readonly software: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly device: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly history: readonly MeasuredEpoch[];
  /** What model.onnx holds; null if no epoch is finished. */
  readonly kept: Kept | null;
}
