/** Bounds what the pages can ask for at the same time, and how long an answer may take. */
import type { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context, MiddlewareHandler } from "hono";
import { UserError } from "../../../util/errors.ts";
import { counted } from "../../../util/numbers.ts";

/** A browser sends six requests at a time. */
const MOST_AT_ONCE = 32;

const LONGEST_SECONDS = 120;

interface Limits {
  readonly atOnce?: number;
  readonly seconds?: number;
}

/**
 * Refuses requests beyond the bound, and answers for a request that takes too long. A request counts until its work has
 * ended and its answer is sent.
 */
export function limits({ atOnce = MOST_AT_ONCE, seconds = LONGEST_SECONDS }: Limits = {}): MiddlewareHandler {
  let working = 0;
  return async (context, next) => {
    if (working >= atOnce) {
      throw new UserError("server-busy", `The server works on ${counted(atOnce, "request")} already: try again soon.`);
    }
    working++;
    const sent = whenSent(context);
    const work = next();
    void Promise.allSettled([work, sent]).then(() => working--);
    const ended = new AbortController();
    const late = sleep(seconds * 1000, undefined, { ref: false, signal: ended.signal }).then(() => {
      throw new UserError(
        "server-busy",
        `The answer takes longer than ${counted(seconds, "second")}: try again later.`,
      );
    });
    await Promise.race([work, late]).finally(() => {
      late.catch(() => {});
      ended.abort();
    });
  };
}

/** Settles when the answer has left, or the client has gone. Without a socket, nothing is sent. */
async function whenSent({ env }: Context): Promise<void> {
  const { outgoing } = (env ?? {}) as { outgoing?: EventEmitter & { readonly destroyed: boolean } };
  if (outgoing && !outgoing.destroyed) await new Promise((closed) => outgoing.once("close", closed));
}
