/** GET /api/workers: the queue and its workers. POST /api/workers: offers units again, or removes what waits. */
import { Hono } from "hono";
import { workersAction } from "../../api/workers.ts";
import { jsonBody } from "../bodies.ts";
import { parsed } from "../refusals.ts";
import type { Services } from "../services.ts";

export function workerRoutes({ workers }: Pick<Services, "workers">): Hono {
  return new Hono()
    .get("/workers", async (context) => context.json(await workers.ask({ action: "show" })))
    .post("/workers", async (context) =>
      context.json(await workers.ask(parsed(workersAction, await jsonBody(context)))),
    );
}
