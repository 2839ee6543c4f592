/** The one class of user mistakes: printed as one sentence without a stack, exit code 2. */
import type { ErrorCode } from "./error_codes.ts";
import { visible } from "./terminal_text.ts";

/**
 * A mistake that the user can fix. The message is one sentence that says what happened, what was expected and how to
 * remedy it, and names the place (file, row, flag). The code says for programs what kind of mistake it is.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;

  /** Names from files are part of messages: what would move the terminal's cursor is written out, what would fill the screen is shortened. */
  constructor(code: ErrorCode, message: string) {
    super(printable(message));
    this.code = code;
  }
}

const LONGEST_WORD = 300;
const LONGEST_LINE = 1000;

/** A message as one line of a terminal: line ends are spaces, and overlong words and lines lose their middle. */
export function printable(text: string): string {
  const line = visible(text.replace(/\s*[\r\n]\s*/g, " "));
  const words = line.split(" ").map((word) => shortened(word, LONGEST_WORD));
  return shortened(words.join(" "), LONGEST_LINE);
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most / 2)}...${text.slice(-most / 3)}`;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Node's error code (such as "ENOENT") of anything that was thrown, or undefined; a UserError's code is none of Node's. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof UserError) return undefined;
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
