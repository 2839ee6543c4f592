/** Reads the JSON body of a request. */
import type { Context } from "hono";
import { UserError } from "../../util/errors.ts";

/** @throws UserError if the body is not JSON, or is nested too deeply. */
export async function jsonBody(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text, withoutPrototype);
  } catch {
    throw new UserError("request-invalid", "The body of the request is not JSON, or is nested too deeply.");
  }
}

/** A key of this name would be another one to some of the code that reads the value. */
function withoutPrototype(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new SyntaxError("a forbidden key");
  return value;
}
