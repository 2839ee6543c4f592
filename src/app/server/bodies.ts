/** Reads the JSON body of a request. */
import type { Context } from "hono";
import { UserError } from "../../util/errors.ts";

/** @throws UserError if the body is not JSON. */
export async function jsonBody(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch {
    throw new UserError("request-invalid", "The body of the request is not JSON.");
  }
}
