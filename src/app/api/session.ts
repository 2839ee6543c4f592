/** The session between the page and the server. */
import * as z from "zod";

/** Body of POST /api/session: the token from the address that the command printed. */
export const sessionBody = z.strictObject({ token: z.string().max(200) });

/** Answer of GET /api/session: what the page needs to know about the server. */
export interface SessionFacts {
  /** The name of the studio's folder, without its path. */
  readonly folder: string;
  /** "cancernet 0.1.0". */
  readonly software: string;
  /** The name that corrections get. */
  readonly author: string;
  /** The research-use notice. */
  readonly notice: string;
}

/** Every answer that is not successful: a stable code and one sentence. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}
