/** Errors as data, because a message between workers cannot hold a UserError. */
import { messageOf, UserError } from "../util/errors.ts";
import type { SentError } from "./protocol.ts";

/** An error on its way to the page. What is no UserError is a fault of the library. */
export const asSent = (error: unknown): SentError =>
  error instanceof UserError
    ? { code: error.code, message: error.message }
    : { code: "model-failed", message: `The worker failed (${messageOf(error)}): reload the page.` };
