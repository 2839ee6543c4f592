/** What is known of the training of a model. */

import type { HISTORY_COLUMNS } from "./history.ts";

/** A row of history.csv. */
export type Epoch = Readonly<Record<(typeof HISTORY_COLUMNS)[number], number>>;

/** How a model came to be. */
export interface Training {
  readonly software: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly device: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly history: readonly Epoch[];
}
