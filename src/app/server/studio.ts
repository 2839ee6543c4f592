/**
 * The command "studio": serves the web application for a folder until it is stopped. Only this file listens; app.ts
 * answers.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { userInfo } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import open from "open";
import { z } from "zod";
import { SlideTiles } from "../../histology/slide/tiles/slide_tiles.ts";
import { checkedOptions } from "../../options/checked_options.ts";
import { type StudioOptions, studioOptions } from "../../options/studio.ts";
import { kindOf, writeFileAtomically } from "../../system/files.ts";
import { withRunLock } from "../../system/folder_lock.ts";
import type { Context } from "../../util/context.ts";
import { codeOf, messageOf, UserError } from "../../util/errors.ts";
import { createApp } from "./app.ts";
import { correctionsIn } from "./corrections/corrected_patches.ts";
import { Journals } from "./corrections/journals.ts";
import { OpenDatasets } from "./datasets/open_datasets.ts";
import { Jobs } from "./jobs/jobs.ts";
import { ServerNews } from "./news.ts";
import { BrowserSession } from "./security/session.ts";
import type { Services } from "./services.ts";
import { staticFiles } from "./static_files.ts";
import { STUDIO_FOLDER } from "./workspace/scan.ts";
import { Workspace } from "./workspace/workspace.ts";

/** The port and the token of the last start, so that an open page goes on after a restart. */
const lastSchema = z.object({ port: z.int().min(1).max(65_535), token: z.string().regex(/^[\w-]{43}$/) });

/** A client that sends slowly, or opens many connections, does not keep others out. */
const LIMITS = { requestTimeout: 60_000, headersTimeout: 10_000, connectionsCheckingInterval: 2000 };
const MOST_CONNECTIONS = 256;

const LAST_FILE = "server.json";

/**
 * Serves the studio until the signal is aborted.
 * @throws UserError if the folder cannot be used, another studio serves it, or the port is taken.
 */
export async function studio(given: StudioOptions, context: Context): Promise<never> {
  const options = checkedOptions(studioOptions, given);
  if ((await kindOf(options.folder)) !== "folder") {
    throw new UserError("file-missing", `There is no folder ${options.folder}: name the folder of your data.`);
  }
  const workspace = await Workspace.open(options.folder);
  const own = join(workspace.root, STUDIO_FOLDER);
  await mkdir(own, { recursive: true, mode: 0o700 });
  return withRunLock(own, "studio.lock", () => serveFolder(workspace, own, options, context)).catch((error) => {
    if (!(error instanceof UserError) || error.code !== "folder-busy") throw error;
    throw new UserError("folder-busy", `Another studio serves ${options.folder}: use its page, or stop it first.`);
  });
}

async function serveFolder(
  workspace: Workspace,
  own: string,
  options: z.output<typeof studioOptions>,
  { reporter, signal }: Context,
): Promise<never> {
  const last = await lastOf(own);
  const token = last?.token ?? randomBytes(32).toString("base64url");
  let port = 0;
  const session = new BrowserSession(token, () => port);
  const news = new ServerNews();
  const jobs = await Jobs.open(workspace, () => news.publish("items", {}));
  const journals = new Journals(workspace.root, news);
  const services: Services = {
    workspace,
    jobs,
    datasets: new OpenDatasets(workspace, signal),
    correctionsOf: correctionsIn(journals),
    journals,
    slides: new SlideTiles({ folder: join(own, "overviews") }),
    session,
    news,
    author: options.author ?? userName(),
    signal,
  };
  const app = createApp(services, {
    port: () => port,
    page: await staticFiles(),
    report: (error) => reporter.warn(`The server has a bug: ${error instanceof Error ? error.stack : String(error)}`),
  });
  const server = await listen(app, options.port ?? last?.port, options.port !== undefined);
  port = (server.address() as { port: number }).port;
  await writeFileAtomically(join(own, LAST_FILE), JSON.stringify({ port, token }));
  const address = `http://127.0.0.1:${port}/#token=${token}`;
  reporter.event({ event: "serving", address });
  if (options.demo) await startDemo(services);
  if (options.open)
    await open(address).catch((error: unknown) => reporter.warn(`No browser opened: ${messageOf(error)}.`));
  await new Promise<void>((stopped) => signal.addEventListener("abort", () => stopped(), { once: true }));
  await close(server);
  await journals.close();
  await services.slides.close();
  const running = (await jobs.list()).filter(({ state }) => state === "running").length;
  if (options.stopJobs) await jobs.stopAll();
  jobs.close();
  reporter.event({ event: "served", running, stopped: options.stopJobs });
  throw signal.reason;
}

async function startDemo({ workspace, jobs }: Services): Promise<void> {
  const names = (await workspace.items()).map(({ path }) => path.split("/")[0]);
  if (!names.includes("demo")) await jobs.start({ verb: "demo", options: { out: "demo" } });
}

async function lastOf(own: string): Promise<z.output<typeof lastSchema> | undefined> {
  const text = await readFile(join(own, LAST_FILE), "utf8").catch(() => "null");
  try {
    return lastSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Listens on the port. If it is only the last one and it is taken, any free port will do. */
async function listen(app: Hono, port: number | undefined, isWanted: boolean): Promise<Server> {
  const server = serve({
    fetch: app.fetch,
    hostname: "127.0.0.1",
    port: port ?? 0,
    serverOptions: LIMITS,
  }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  try {
    if (!server.listening) await once(server, "listening");
    return server;
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE" && !isWanted) return listen(app, undefined, false);
    throw new UserError(
      "port-taken",
      `Cannot listen on port ${port} (${messageOf(error)}): choose another with --port, or leave it out.`,
    );
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
