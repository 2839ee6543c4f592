/** Jobs: command lines that the server runs as processes. */
import * as z from "zod";

/** The commands that the page can start. */
export const JOB_VERBS = [
  "prepare",
  "train",
  "crossvalidate",
  "calibrate",
  "add-context",
  "evaluate",
  "compare",
  "slide",
  "explain",
  "correct",
  "demo",
] as const;

export type JobVerb = (typeof JOB_VERBS)[number];

/**
 * Body of POST /api/jobs. In `options`, an option that is a path has one of these values: the id of an item, the name of
 * a model in the package, a new name (for an output), or { job } for the output of an earlier job.
 */
export const jobBody = z.strictObject({
  verb: z.enum(JOB_VERBS),
  options: z.record(z.string().max(60), z.unknown()),
  /** The job starts when this one is done. If that one fails, this one is not started. */
  after: z.string().max(60).optional(),
});

export type JobBody = z.input<typeof jobBody>;

/** Answer of POST /api/jobs/check: the command line of a form, or what is wrong with it. */
export interface CheckedJob {
  readonly command: string | null;
  readonly message: string | null;
}

/**
 * - waiting: for the job before it
 * - running
 * - done
 * - failed: with a sentence
 * - stopped: by a person; it can be resumed
 * - killed: the process ended without a word, for example because the machine was switched off
 */
export type JobState = "waiting" | "running" | "done" | "failed" | "stopped" | "killed";

export interface JobFacts {
  readonly id: string;
  readonly verb: JobVerb;
  readonly state: JobState;
  /** The command line, to be run in the studio's folder. */
  readonly command: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly ended: number | null;
  readonly after: string | null;
  /** The path that it writes to, in the studio's folder; null if it writes nowhere in particular. */
  readonly out: string | null;
  /** The newest progress event, as docs/json.md describes it. */
  readonly progress: JobProgress | null;
  /** The sentence of a failure. */
  readonly message: string | null;
  readonly canResume: boolean;
  /** The number of bytes of its event file, which is the position after the last event. */
  readonly size: number;
}

export interface JobProgress {
  readonly task: string;
  readonly subject?: string;
  readonly number?: number;
  readonly of?: number;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly seconds: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** A line of a job's events, as docs/json.md describes them. */
export type JobLine = { readonly event: string; readonly seconds: number } & Readonly<Record<string, unknown>>;

/** Answer of GET /api/jobs/:id/events?from=N: the lines from that position on, and the position after them. */
export interface JobLines {
  readonly lines: readonly JobLine[];
  readonly next: number;
}

/**
 * The events of GET /api/stream. Their ids contain the position in each followed job, so a browser that reconnects
 * misses no line and gets none twice.
 */
export interface StreamEvents {
  /** The jobs, after any of them has changed. */
  readonly jobs: readonly JobFacts[];
  /** A line of a followed job. */
  readonly line: { readonly job: string; readonly line: JobLine };
  /** Something in the studio's folder has changed: load the items again. */
  readonly items: Record<string, never>;
  /** A journal of corrections has grown. */
  readonly corrections: { readonly dataset: string; readonly entries: number };
}
