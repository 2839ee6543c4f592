/** GET and POST /api/session. Only POST is open to a page without the cookie. */
import { basename } from "node:path";
import { Hono } from "hono";
import { SOFTWARE } from "../../../system/version.ts";
import { RESEARCH_USE_NOTICE } from "../../../util/notice.ts";
import { type SessionFacts, sessionBody } from "../../api/session.ts";
import { jsonBody } from "../bodies.ts";
import { parsed, refusal } from "../refusals.ts";
import type { Services } from "../services.ts";

export function sessionRoutes({ session, workspace, author }: Services): Hono {
  const facts = (): SessionFacts => ({
    folder: basename(workspace.root),
    software: SOFTWARE,
    author,
    notice: RESEARCH_USE_NOTICE,
  });
  return new Hono()
    .post("/session", async (context) => {
      const { token } = parsed(sessionBody, await jsonBody(context));
      const cookie = session.cookieFor(token);
      if (!cookie) return refusal(401, "token-wrong", "The token is wrong: open the address that the command printed.");
      context.header("set-cookie", cookie);
      return context.json(facts());
    })
    .get("/session", session.required, (context) => context.json(facts()));
}
