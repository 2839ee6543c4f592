/** Turns errors into answers: a status, a stable code and one sentence, never a stack trace. */
import { sep } from "node:path";
import type * as z from "zod";
import type { ErrorCode } from "../../util/error_codes.ts";
import { UserError } from "../../util/errors.ts";
import type { Refusal } from "../api/session.ts";

/** An answer that refuses a request. */
export function refusal(status: number, code: string, message: string): Response {
  const body: Refusal = { code, message };
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

/** Statuses of user errors that are not 400. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  "item-unknown": 404,
  "job-unknown": 404,
  "folder-busy": 409,
  "output-exists": 409,
  "server-busy": 503,
  "tile-missing": 404,
  "overview-pending": 409,
  "overview-damaged": 409,
  "disk-full": 507,
};

/**
 * The answer for any error of a route. Sentences name paths from the studio's folder on.
 * @param report called with an error that is a bug
 */
export function answerTo(
  error: unknown,
  { root, report }: { readonly root: string; readonly report: (error: unknown) => void },
): Response {
  if (error instanceof UserError) {
    return refusal(STATUSES[error.code] ?? 400, error.code, error.message.replaceAll(`${root}${sep}`, ""));
  }
  if (error instanceof Error && error.name === "AbortError") return refusal(499, "aborted", "The request was aborted.");
  report(error);
  return refusal(500, "bug", "The server has a bug: the terminal that runs it shows the details.");
}

/**
 * Checks a query or a body.
 * @throws UserError that names the first wrong value.
 */
export function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UserError("request-invalid", `The request is invalid: ${path.join(".") || "the value"}: ${message}.`);
}
