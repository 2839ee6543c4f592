/** What is known of the training of a model. */
import type { MeasuredEpoch } from "./history.ts";

/** How a model came to be. */
export interface Training {
  readonly software: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly device: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly history: readonly MeasuredEpoch[];
}
