/**
 * The only class of user errors. The command line prints one as a single sentence without a stack trace, with exit code
 * 2.
 */
import type { ErrorCode } from "./error_codes.ts";
import { visible } from "./terminal_text.ts";

/**
 * An error that the user can fix. The message is one sentence: what happened, what was expected and how to fix it. It
 * names the place (file, row, flag). Programs use the code to distinguish kinds of errors.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;

  /**
   * Messages contain file names. Characters that would move the terminal's cursor are escaped, and very long names are
   * shortened.
   */
  constructor(code: ErrorCode, message: string) {
    super(printable(message));
    this.code = code;
  }
}

const LONGEST_WORD = 300;
const LONGEST_LINE = 1000;

/**
 * A message as one line for a terminal: line ends become spaces, and the middle of overlong words and lines is cut out.
 */
export function printable(text: string): string {
  const line = visible(text.replace(/\s*[\r\n]\s*/g, " "));
  const words = line.split(" ").map((word) => shortened(word, LONGEST_WORD));
  return shortened(words.join(" "), LONGEST_LINE);
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most / 2)}...${text.slice(-most / 3)}`;
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Node's error code (such as "ENOENT") of any thrown value, or undefined. A UserError gives undefined, since its code
 * is not one of Node's.
 */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof UserError) return undefined;
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
