/** The exit codes of the program, and which one an error or a signal means; printing is run.ts's work. */
import { UserError } from "../../util/errors.ts";

/** The signals that ask a job to stop, with the exit code of each as shells count it: 128 and the signal's number. */
export const STOP_SIGNALS = {
  /** The terminal was closed, or the connection to it was lost. */
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
  /** The command did its work, and the result is bad news. */
  notPassed: 1,
  /** The program is at fault. */
  bug: 1,
  /** The user can fix it. */
  userError: 2,
  ...STOP_SIGNALS,
  SIGPIPE: 141,
} as const;

/** What is thrown into a job (as the AbortSignal's reason) that is asked to stop. */
export class Stopped extends Error {
  override readonly name = "AbortError";
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/** What is thrown into a job whose standard output or error takes nothing any more; the user has read why already. */
export class OutputFailed extends Error {
  override readonly name = "AbortError";
}

/** The exit code for an error that ended the program. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof Stopped) return EXIT[error.signal];
  return error instanceof UserError || error instanceof OutputFailed ? EXIT.userError : EXIT.bug;
}
