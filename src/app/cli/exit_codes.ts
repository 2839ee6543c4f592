/** The exit codes of the program, and the codes for errors and signals. run.ts prints the errors. */
import { UserError } from "../../util/errors.ts";

/** The signals that stop a job, with their exit codes as in shells: 128 plus the signal's number. */
export const STOP_SIGNALS = {
  /** The terminal was closed, or its connection was lost. */
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
  /** Windows, Ctrl-Break. */
  SIGBREAK: 149,
} as const;

export type StopSignal = keyof typeof STOP_SIGNALS;

export const EXIT = {
  ok: 0,
  /** The command worked, but its result is negative. */
  notPassed: 1,
  /** The program has a bug. */
  bug: 1,
  /** The user can fix the problem. */
  userError: 2,
  ...STOP_SIGNALS,
  SIGPIPE: 141,
} as const;

/** The abort reason when a signal stops a job. */
export class Stopped extends Error {
  override readonly name = "AbortError";
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/**
 * The abort reason when standard output or standard error can no longer be written. The user has already seen the
 * cause.
 */
export class OutputFailed extends Error {
  override readonly name = "AbortError";
}

/** The exit code for an error that ended the program. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof Stopped) return EXIT[error.signal];
  return error instanceof UserError || error instanceof OutputFailed ? EXIT.userError : EXIT.bug;
}
