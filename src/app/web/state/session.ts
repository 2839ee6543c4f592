/** Exchanges the token of the address for the session's cookie, and keeps the server's facts. */
import { signal } from "@preact/signals";
import type { SessionFacts } from "../../api/session.ts";
import { get, post, Refused } from "./api.ts";

/** The server's facts; undefined until the session has begun. */
export const session = signal<SessionFacts | undefined>(undefined);

/** Why the session cannot begin. */
export const sessionProblem = signal<string | undefined>(undefined);

/** Begins the session. The token is removed from the address at once, so that nobody copies it by mistake. */
export async function beginSession(): Promise<void> {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token) history.replaceState(null, "", location.pathname + location.search);
  try {
    session.value = token ? await post<SessionFacts>("/session", { token }) : await get<SessionFacts>("/session");
  } catch (error) {
    sessionProblem.value = error instanceof Refused ? error.message : String(error);
  }
}
