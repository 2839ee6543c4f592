/** The routes of evaluations: the report, the predictions, comparisons. */
import { Hono } from "hono";
import { compareQuery } from "../../api/evaluations.ts";
import { comparisonAnswer, evaluationAnswer, predictionBytes } from "../evaluations.ts";
import { parsed } from "../refusals.ts";
import type { Services } from "../services.ts";

export function evaluationRoutes({ workspace }: Pick<Services, "workspace">): Hono {
  return new Hono()
    .get("/evaluations/:id", async (context) =>
      context.json(await evaluationAnswer(workspace, context.req.param("id"))),
    )
    .get("/evaluations/:id/predictions", async (context) => {
      const bytes = await predictionBytes(workspace, context.req.param("id"), context.req.raw.signal);
      return context.body(bytes, 200, { "content-type": "application/octet-stream" });
    })
    .get("/compare", async (context) => {
      const { ids } = parsed(compareQuery, context.req.query());
      return context.json(await comparisonAnswer(workspace, ids, context.req.raw.signal));
    });
}
