/**
 * Reads our own JSON files: it parses a text and checks it against a schema, or throws an error about the first
 * problem.
 */
import type { ErrorCode } from "./error_codes.ts";
import { UserError } from "./errors.ts";

/** The part of a zod schema that is used here. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * What a text should contain, for errors: `what` is a phrase like "a dataset's description", `remedy` one like "prepare
 * the dataset again".
 */
export interface Expected {
  readonly code: ErrorCode;
  readonly place: string;
  readonly what: string;
  readonly remedy: string;
}

/** @throws UserError if the text is not JSON. */
export function parseJson(text: string, { code, place, remedy }: Expected): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(code, `${place} is not JSON, it is damaged: ${remedy}.`);
  }
}

/** @throws UserError that names the first member that does not match the schema. */
export function checked<T>(schema: Schema<T>, value: unknown, { code, place, what, remedy }: Expected): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const where = path.length === 0 ? "" : `${path.join(".")}: `;
  throw new UserError(
    code,
    `${place} is not ${what} (${where}${message.replace(", received undefined", ", but it is missing")}): ${remedy}.`,
  );
}
