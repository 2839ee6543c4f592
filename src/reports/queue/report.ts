/** The result of the command "queue". */

/** The units of a folder of results, by state. */
export interface WorkState {
  readonly folder: string;
  readonly verb: string;
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  /** Units whose workers were lost too often, or that made the program fail. */
  readonly dead: number;
  /** Units that were settled in the last minute. */
  readonly last_minute: number;
}

export interface TroubledUnit {
  readonly folder: string;
  readonly unit: string;
  readonly state: "failed" | "dead";
  /** Why, as one sentence; for a dead unit the last words. */
  readonly words: string;
}

export interface WorkerState {
  readonly name: string;
  /** The name of its machine. */
  readonly host: string;
  readonly version: string;
  /** The unit that it does; null if it waits. */
  readonly folder: string | null;
  readonly unit: string | null;
  /** The last line that it printed: a warning, or progress; empty if none. */
  readonly words: string;
  readonly done: number;
  /** Seconds since its last beat, by the clock of the database. */
  readonly seen_seconds: number;
}

/** Units that wait for another version of cancernet or Node. */
export interface OtherVersion {
  readonly queue: string;
  readonly waiting: number;
}

export interface QueueReport {
  readonly action: "show" | "retry" | "drain";
  /** Only the units of these results; null for all. */
  readonly folder: string | null;
  /** How many units were offered again or removed. */
  readonly changed: number;
  readonly version: string;
  readonly works: readonly WorkState[];
  readonly troubled: readonly TroubledUnit[];
  readonly workers: readonly WorkerState[];
  readonly other_versions: readonly OtherVersion[];
}
