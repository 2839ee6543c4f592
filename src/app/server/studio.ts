/** The command "studio": serves the web application for a folder until it is stopped. listening.ts listens. */
import { access, constants } from "node:fs/promises";
import type { Server } from "node:http";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import type * as z from "zod";
import { SlideTiles } from "../../histology/slide/tiles/slide_tiles.ts";
import { checkedOptions } from "../../options/checked_options.ts";
import { type StudioOptions, studioOptions } from "../../options/studio.ts";
import { fileError, kindOf } from "../../system/files.ts";
import { withRunLock } from "../../system/folder_lock.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { createApp } from "./app.ts";
import { correctionsIn } from "./corrections/corrected_patches.ts";
import { Journals } from "./corrections/journals.ts";
import { OpenDatasets } from "./datasets/open_datasets.ts";
import { Jobs } from "./jobs/jobs.ts";
import { close, listen } from "./listening.ts";
import { ServerNews } from "./news.ts";
import { openBrowser } from "./opening.ts";
import { type LastStart, lastStart, ownFolder } from "./own_folder.ts";
import { BrowserSession } from "./security/session.ts";
import type { Services } from "./services.ts";
import { staticFiles } from "./static_files.ts";
import { WorkersView } from "./workers.ts";
import { Workspace } from "./workspace/workspace.ts";

/**
 * Serves the studio until the signal is aborted.
 * @throws UserError if the folder cannot be used, another studio serves it, or the port is taken.
 */
export async function studio(given: StudioOptions, context: Context): Promise<never> {
  const options = checkedOptions(studioOptions, given);
  const workspace = await Workspace.open(await checkedFolder(options.folder));
  const own = await ownFolder(workspace.root);
  return withRunLock(own, "studio.lock", () => serveFolder(workspace, own, options, context)).catch((error) => {
    if (!(error instanceof UserError) || error.code !== "folder-busy") throw error;
    throw new UserError("folder-busy", `Another studio serves ${options.folder}: use its page, or stop it first.`);
  });
}

async function checkedFolder(folder: string): Promise<string> {
  const kind = await kindOf(folder);
  if (kind === "file") {
    throw new UserError("path-invalid", `${folder} is a file: name the folder of your data.`);
  }
  if (kind === "nothing") {
    throw new UserError("file-missing", `There is no folder ${folder}: name the folder of your data.`);
  }
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError(error, `cannot use ${folder}`, "the studio reads it and writes its results there");
  }
  return folder;
}

async function serveFolder(
  workspace: Workspace,
  own: string,
  options: z.output<typeof studioOptions>,
  { reporter, signal }: Context,
): Promise<never> {
  const last = await lastStart(own);
  let port = 0;
  const session = new BrowserSession(last.token, () => port);
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
    workers: new WorkersView(),
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
  const server = await listenWhere(app, options.port, last);
  port = portOf(server);
  await last.keep(port);
  const origin = `http://127.0.0.1:${port}`;
  reporter.event({ event: "serving", address: `${origin}/#token=${last.token}` });
  if (options.demo) await startDemo(services);
  if (options.open) await openBrowser(`${origin}/#token=${session.tokenForOnce()}`, (text) => reporter.warn(text));
  await new Promise<void>((stopped) => {
    if (signal.aborted) stopped();
    signal.addEventListener("abort", () => stopped(), { once: true });
  });
  await close(server);
  await journals.close();
  await services.slides.close();
  await services.workers.close();
  const running = (await jobs.list()).filter(({ state }) => state === "running").length;
  if (options.stopJobs) await jobs.stopAll();
  jobs.close();
  reporter.event({ event: "served", running, stopped: options.stopJobs });
  throw signal.reason;
}

/** Listens on the wanted port, or on the last one, or, if another program uses that, on any. */
async function listenWhere(app: Hono, wanted: number | undefined, last: LastStart): Promise<Server> {
  if (wanted !== undefined) return listen(app, wanted);
  return listen(app, last.port ?? 0).catch(() => listen(app, 0));
}

const portOf = (server: Server): number => (server.address() as { port: number }).port;

async function startDemo({ workspace, jobs }: Services): Promise<void> {
  if ((await kindOf(join(workspace.root, "demo"))) !== "nothing") return;
  await jobs.start({ verb: "demo", options: { out: "demo" } });
}

/** The environment comes first: asking the system can mean asking a directory of users in the network. */
function userName(): string {
  const { USER, LOGNAME, USERNAME } = process.env;
  const known = USER || LOGNAME || USERNAME;
  if (known) return known;
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
