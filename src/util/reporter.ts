/** What a job reports while it runs: events that hold values. The application makes text or JSON lines of them; a library user may ignore them. */
import type { EpochRow } from "./epoch.ts";

/** What a job is doing; reports/progress_text.ts gives each a title. */
export type Task =
  | "read-patches"
  | "copy-files"
  | "draw-tissue"
  | "epoch"
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
  | "check-machine";

/** One of several, from 1: fold 2 of 5. */
export interface Numbered {
  readonly number: number;
  readonly of: number;
}

/** How far a job is: `done` of `total` `unit`s, for example 1,200 of 25,436 patches. */
export interface Progress {
  readonly task: Task;
  /** What the task is about: a slide's file, a split. */
  readonly subject?: string;
  /** Which one it is, if there are several of the kind: epoch 3 of 20. */
  readonly number?: number;
  readonly of?: number;
  /** The fold of a cross-validation that it belongs to. */
  readonly fold?: Numbered;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** What the job measures as it goes, by name, such as { loss: 0.412, accuracy: 0.8123 }. */
  readonly values?: Readonly<Record<string, number>>;
}

/** The model that a training has kept so far; null if no epoch is finished. */
export interface KeptModel {
  readonly epoch: number;
  readonly val_auroc: number;
  readonly model: string;
}

/** What happens besides progress and warnings. */
export type JobEvent =
  /** An epoch is finished: a row of history.csv, by its columns. */
  | ({ readonly event: "epoch"; readonly fold?: Numbered } & EpochRow)
  /** A part of the result of a command whose results stream: a prediction, a slide. */
  | { readonly event: "item"; readonly item: unknown }
  /** What `--device auto` chose. */
  | { readonly event: "device"; readonly device: string; readonly reason: string }
  /** A training goes on from a checkpoint: after `steps` steps of the epoch that follows `epochs` finished ones. */
  | { readonly event: "resumed"; readonly epochs: number; readonly steps: number }
  /** What an interrupted or failed training has kept. */
  | { readonly event: "kept"; readonly folder: string; readonly epochs: number; readonly best: KeptModel | null }
  /** The work was interrupted, and this goes on with it: a command's words, or the same command again if there are none. */
  | { readonly event: "resumable"; readonly command: readonly string[] | null; readonly kept: string }
  /** A fold of a cross-validation begins; numbers of cases. */
  | ({
      readonly event: "fold";
      readonly status: "started";
      readonly train_cases: number;
      readonly val_cases: number;
      readonly test_cases: number;
    } & Numbered)
  /** A fold is done: the epoch that was kept, and the threshold of the positive class. */
  | ({
      readonly event: "fold";
      readonly status: "done";
      readonly epoch: number | null;
      readonly threshold: number;
      readonly positive: string;
    } & Numbered)
  /** A step of the demo begins: the command that it stands for, or null if there is none. */
  | ({ readonly event: "step"; readonly status: "started"; readonly command: readonly string[] | null } & Numbered)
  /** A step of the demo is done, with its result. */
  | ({ readonly event: "step"; readonly status: "done"; readonly verb: string; readonly result: unknown } & Numbered);

/** Receives what a job reports. */
export interface Reporter {
  /** Something the user should know, though the job goes on: one plain sentence. */
  warn(sentence: string): void;
  /** The job has moved on; called often. */
  progress(progress: Progress): void;
  event(event: JobEvent): void;
}

/** A reporter that says nothing. */
export const silent: Reporter = { warn() {}, progress() {}, event() {} };
