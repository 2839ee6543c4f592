/** The server without a socket: every route behind the guard and the session. studio.ts listens. */
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { answerTo, refusal } from "./refusals.ts";
import { correctionRoutes } from "./routes/corrections.ts";
import { datasetRoutes } from "./routes/datasets.ts";
import { evaluationRoutes } from "./routes/evaluations.ts";
import { itemRoutes } from "./routes/items.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { pageRoutes } from "./routes/pages.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/session.ts";
import { slideRoutes } from "./routes/slides.ts";
import { streamRoutes } from "./routes/stream.ts";
import { workerRoutes } from "./routes/workers.ts";
import { guard } from "./security/guard.ts";
import { limits } from "./security/limits.ts";
import type { Services } from "./services.ts";

const LARGEST_BODY = 1 << 20;

/** The routes by subject; each is below /api. */
const ROUTES: readonly ((services: Services) => Hono)[] = [
  itemRoutes,
  jobRoutes,
  datasetRoutes,
  evaluationRoutes,
  correctionRoutes,
  slideRoutes,
  runRoutes,
  workerRoutes,
  pageRoutes,
];

export interface AppOptions {
  readonly port: () => number;
  /** Serves the page. */
  readonly page: MiddlewareHandler;
  /** Called with an error that is a bug. */
  readonly report: (error: unknown) => void;
}

/** Builds the server's application. `app.request` answers without a socket. */
export function createApp(services: Services, { port, page, report }: AppOptions): Hono {
  const app = new Hono();
  app.use(guard(port));
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: () => refusal(413, "body-too-large", "The body of the request is larger than 1 MB."),
    }),
  );
  app.use(page);
  app.route("/api", sessionRoutes(services));
  app.use("/api/*", services.session.required);
  app.use("/api/*", async (context, next) => {
    await next();
    if (!context.res.headers.has("cache-control")) context.res.headers.set("cache-control", "no-store");
  });
  // A stream stays open, so it has a bound of its own.
  app.route("/api", streamRoutes(services));
  app.use("/api/*", limits());
  for (const routes of ROUTES) app.route("/api", routes(services));
  app.notFound(() => refusal(404, "route-unknown", "There is nothing at this address."));
  app.onError((error) => answerTo(error, { root: services.workspace.root, report }));
  return app;
}
