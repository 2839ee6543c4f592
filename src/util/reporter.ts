/** What a long job reports while it runs; the command line draws it, a library user may ignore it. */

/** How far a job is: `done` of `total` `unit`s, for example 1,200 of 25,436 patches. */
export interface Progress {
  task: string;
  done: number;
  total: number;
  unit: string;
  /** What the job measures as it goes, such as "loss 0.4120  accuracy 0.8123"; shown behind the bar. */
  detail?: string;
}

/** Receives the messages of a job. Lines are plain text without a line end. */
export interface Reporter {
  /** A line that belongs to the result. */
  info(line: string): void;
  /** Something the user should know, though the job goes on. */
  warn(line: string): void;
  /** The job has moved on; called often, drawn at most a few times per second. */
  progress(progress: Progress): void;
}

/** A reporter that says nothing. */
export const silent: Reporter = { info() {}, warn() {}, progress() {} };
