/**
 * The session: the page sends the token of the printed address once, and gets a cookie that scripts cannot read. Both
 * outlive the server, so that an open page goes on after a restart.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { refusal } from "../refusals.ts";

export class BrowserSession {
  readonly token: string;
  readonly #port: () => number;
  #once: string | undefined;

  constructor(token: string, port: () => number) {
    this.token = token;
    this.#port = port;
  }

  /** Cookies are shared between the ports of a host, so the name contains the port. */
  get #name(): string {
    return `cancernet-${this.#port()}`;
  }

  /** The cookie's value: it does not reveal the token. */
  get #value(): string {
    return createHmac("sha256", this.token).update("cookie").digest("base64url");
  }

  /**
   * A token that begins one session. The command line of a browser shows its address to all users of the machine, so it
   * gets this one.
   */
  tokenForOnce(): string {
    this.#once = randomBytes(32).toString("base64url");
    return this.#once;
  }

  /** The Set-Cookie header for the right token; undefined for a wrong one. */
  cookieFor(token: string): string | undefined {
    if (this.#once !== undefined && isEqual(token, this.#once)) this.#once = undefined;
    else if (!isEqual(token, this.token)) return undefined;
    return `${this.#name}=${this.#value}; Path=/api; HttpOnly; SameSite=Strict`;
  }

  /** Refuses a request without the cookie. */
  readonly required: MiddlewareHandler = async (context, next) => {
    if (isEqual(getCookie(context, this.#name) ?? "", this.#value)) return next();
    return refusal(401, "session-missing", "Open the address that the command printed: it contains the token.");
  };
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
