/** The exit codes of the program, and which one an error or a signal means; printing is run.ts's work. */
import { UserError } from "../../util/errors.ts";

export const EXIT = {
  ok: 0,
  /** The command did its work, and the result is bad news. */
  notPassed: 1,
  /** The program is at fault. */
  bug: 1,
  /** The user can mend it. */
  userError: 2,
  /** As the shell counts them: 128 and the signal's number. */
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
} as const;

/** The signals that ask a job to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** What is thrown into a job (as the AbortSignal's reason) that is asked to stop. */
export class Stopped extends Error {
  override readonly name = "AbortError";
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/** The exit code for an error that ended the program. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof Stopped) return EXIT[error.signal];
  return error instanceof UserError ? EXIT.userError : EXIT.bug;
}
