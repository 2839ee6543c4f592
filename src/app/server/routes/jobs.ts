/** The routes of jobs: list, check, start, stop, resume, events. */
import { Hono } from "hono";
import * as z from "zod";
import { UserError } from "../../../util/errors.ts";
import { type CheckedJob, type JobLines, jobBody } from "../../api/jobs.ts";
import { jsonBody } from "../bodies.ts";
import { parsed } from "../refusals.ts";
import type { Services } from "../services.ts";

const fromQuery = z.object({ from: z.coerce.number().int().min(0).default(0) });

export function jobRoutes({ jobs }: Services): Hono {
  return new Hono()
    .get("/jobs", async (context) => context.json(await jobs.list()))
    .post("/jobs/check", async (context) => {
      const checked: CheckedJob = await jobs
        .commandOf(parsed(jobBody, await jsonBody(context)))
        .then((command) => ({ command, message: null }))
        .catch((error: unknown) => {
          if (error instanceof UserError) return { command: null, message: error.message };
          throw error;
        });
      return context.json(checked);
    })
    .post("/jobs", async (context) => context.json(await jobs.start(parsed(jobBody, await jsonBody(context))), 201))
    .get("/jobs/:id", async (context) => context.json(await jobs.facts(context.req.param("id"))))
    .post("/jobs/:id/stop", async (context) => context.json(await jobs.stop(context.req.param("id"))))
    .post("/jobs/:id/resume", async (context) => context.json(await jobs.resume(context.req.param("id")), 201))
    .get("/jobs/:id/events", async (context) => {
      const { from } = parsed(fromQuery, context.req.query());
      const lines: JobLines = await jobs.lines(context.req.param("id"), from);
      return context.json(lines);
    });
}
