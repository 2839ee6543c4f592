/**
 * The progress, warnings and events that a job reports while it runs. The command line prints them as text or JSON
 * lines; a caller of the library may ignore them.
 */
import type { EpochRow } from "./epoch.ts";

/** The current work of a job. reports/progress_text.ts has a title for each. */
export type Task =
  | "read-patches"
  | "copy-files"
  | "draw-tissue"
  | "epoch"
  | "describe-cases"
  | "evaluate"
  | "report-folds"
  | "compare"
  | "learn-neighbours"
  | "extract-features"
  | "fit-probe"
  | "predict"
  | "find-tissue"
  | "score"
  | "explain"
  | "workers"
  | "check-machine";

/** The position in a series, counted from 1: fold 2 of 5. */
export interface Numbered {
  readonly number: number;
  readonly of: number;
}

/** The progress of a job: `done` of `total` units, for example 1,200 of 25,436 patches. */
export interface Progress {
  readonly task: Task;
  /** The file or split that the task works on: a slide's file name, "test". */
  readonly subject?: string;
  /** The position in a series of such tasks: epoch 3 of 20. */
  readonly number?: number;
  readonly of?: number;
  /** The fold of the cross-validation that runs the task. */
  readonly fold?: Numbered;
  /** The row of the sweep that runs the task: one setting with one seed. */
  readonly row?: Numbered;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** Current measurements by name, for example { loss: 0.412, accuracy: 0.8123 }. */
  readonly values?: Readonly<Record<string, number>>;
}

/** What a training has kept so far (options/training/keep.ts), and the file with it. */
export interface KeptModel {
  readonly keep: "best" | "last" | "average";
  readonly epochs: readonly number[];
  readonly val_auroc: number | null;
  readonly model: string;
}

/** Events other than progress and warnings. */
export type JobEvent =
  /** An epoch is finished. The event contains its row of history.csv. */
  | ({ readonly event: "epoch"; readonly fold?: Numbered; readonly row?: Numbered } & EpochRow)
  /** One item of a streamed result: a prediction or a slide. */
  | { readonly event: "item"; readonly item: unknown }
  /** The device that `--device auto` chose. */
  | { readonly event: "device"; readonly device: string; readonly reason: string }
  /** How long the parts of a command took, in milliseconds from the start of the process. */
  | { readonly event: "timing"; readonly milliseconds: Readonly<Record<string, number>> }
  /** A training resumes from a checkpoint, `steps` steps into the epoch after `epochs` finished ones. */
  | { readonly event: "resumed"; readonly epochs: number; readonly steps: number }
  /** What an interrupted or failed training has saved; `kept` is null if no epoch is finished. */
  | { readonly event: "kept"; readonly folder: string; readonly epochs: number; readonly kept: KeptModel | null }
  /** The work was interrupted. `command` resumes it; if it is null, the same command does. */
  | { readonly event: "resumable"; readonly command: readonly string[] | null; readonly kept: string }
  /** A fold of a cross-validation starts. The counts are numbers of cases. */
  | ({
      readonly event: "fold";
      readonly status: "started";
      readonly row?: Numbered;
      readonly train_cases: number;
      readonly val_cases: number;
      readonly test_cases: number;
    } & Numbered)
  /** A fold is done: the epoch whose model was kept, and the threshold for the positive class. */
  | ({
      readonly event: "fold";
      readonly status: "done";
      readonly row?: Numbered;
      readonly epoch: number | null;
      readonly threshold: number;
      readonly positive: string;
    } & Numbered)
  /** A row of a sweep starts: a setting with a seed. */
  | ({ readonly event: "row"; readonly status: "started"; readonly setting: string; readonly seed: number } & Numbered)
  /** A row is done, or was done before, or has failed, which `error` says in one sentence. */
  | ({
      readonly event: "row";
      readonly status: "done" | "failed";
      readonly setting: string;
      readonly seed: number;
      readonly was_done: boolean;
      readonly error: string | null;
    } & Numbered)
  /** The studio can be used at this address, which contains its token. */
  | { readonly event: "serving"; readonly address: string }
  /** The studio has ended, with so many jobs running, which it has stopped or not. */
  | { readonly event: "served"; readonly running: number; readonly stopped: boolean }
  /** A step of the demo starts: the equivalent command, or null if there is none. */
  | ({ readonly event: "step"; readonly status: "started"; readonly command: readonly string[] | null } & Numbered)
  /** A step of the demo is done. The event contains its result. */
  | ({ readonly event: "step"; readonly status: "done"; readonly verb: string; readonly result: unknown } & Numbered);

/** Receives a job's reports. */
export interface Reporter {
  /** Reports a problem that does not stop the job, as one plain sentence. */
  warn(sentence: string): void;
  /** Reports progress; called often. */
  progress(progress: Progress): void;
  event(event: JobEvent): void;
}

/** A reporter that ignores everything. */
export const silent: Reporter = { warn() {}, progress() {}, event() {} };
