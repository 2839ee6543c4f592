/** Reads the JSON body of a request. */
import type { Context } from "hono";
import { UserError } from "../../util/errors.ts";

/** @throws UserError if the body is not JSON, or has a key that would change the nature of an object. */
export async function jsonBody(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === "__proto__") throw new SyntaxError(key);
      return value;
    });
  } catch {
    throw new UserError("request-invalid", "The body of the request is not JSON.");
  }
}
