/** The one class of user mistakes: printed as one sentence without a stack, exit code 2. */

/**
 * A mistake that the user can mend. The message is one sentence that says what happened, what was expected and how to
 * mend it, and names the place (file, row, flag).
 */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Node's error code (such as "ENOENT") of anything that was thrown, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
