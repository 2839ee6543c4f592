/** Makes the overview of a slide in a thread of its own, once, and keeps it in a folder. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { makeFolders } from "../../../system/files.ts";
import { temporaryName } from "../../../system/leftovers.ts";
import { ownScript } from "../../../system/own_files.ts";
import { endOf } from "../../../system/threads.ts";
import { UserError } from "../../../util/errors.ts";
import { OverviewReader } from "./overview_file.ts";
import type { OverviewNews, OverviewOrder } from "./overview_worker.ts";

type Ending = Extract<OverviewNews, { readonly end: unknown }>;

const EXTENSION = ".overview";
/** Older overviews are removed until the others are no larger. */
const MOST_BYTES = 4e9;

export interface MakingOptions {
  /** The folder of overviews; it is made if needed. */
  readonly folder: string;
  /** The path of the slide. */
  readonly slide: string;
  /** Names the bytes of the slide. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Receives the finished and the total parts. */
  readonly onProgress: (done: number, total: number) => void;
}

const pathOf = (folder: string, name: string): string => join(folder, `${name}${EXTENSION}`);

/** The stored overview of a slide; undefined if there is none. */
export function openOverview(folder: string, name: string): Promise<OverviewReader | undefined> {
  return OverviewReader.open(pathOf(folder, name), name);
}

/** Removes a stored overview, because it is damaged. */
export const removeOverview = (folder: string, name: string): Promise<void> =>
  rm(pathOf(folder, name), { force: true });

/**
 * Makes the overview of a slide and stores it.
 * @throws UserError if the slide is damaged or the folder cannot be written; the signal's reason if it is aborted.
 */
export async function makeStoredOverview({ folder, slide, name, signal, onProgress }: MakingOptions): Promise<void> {
  signal.throwIfAborted();
  await makeFolders(folder);
  await removeOld(folder);
  const stop = new SharedArrayBuffer(4);
  const temporary = join(folder, temporaryName("overview", "tmp"));
  const workerData: OverviewOrder = { slide, name, file: pathOf(folder, name), temporary, stop };
  const worker = new Worker(ownScript("histology/slide/tiles/overview_worker"), { workerData, execArgv: [] });
  const ended = endOf(worker);
  const requestStop = () => Atomics.store(new Int32Array(stop), 0, 1);
  signal.addEventListener("abort", requestStop, { once: true });
  const seen: Ending[] = [];
  worker.on("message", (news: OverviewNews) => {
    if ("end" in news) seen.push(news);
    else onProgress(news.done, news.total);
  });
  worker.on("error", (error) => seen.push({ end: "failed", message: String(error) }));
  await ended;
  signal.removeEventListener("abort", requestStop);
  await rm(temporary, { force: true });
  const end = seen.at(-1) ?? { end: "failed", message: "The thread that makes the overview has ended." };
  if (end.end === "made") return;
  signal.throwIfAborted();
  if (end.end === "failed" && end.code) throw new UserError(end.code, end.message);
  throw new Error(end.end === "failed" ? end.message : "The overview was stopped.");
}

async function removeOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(EXTENSION));
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), ...(await sizeAndTime(join(folder, name))) })),
  );
  let size = 0;
  for (const { path, bytes } of files.sort((a, b) => b.time - a.time)) {
    size += bytes;
    if (size > MOST_BYTES) await rm(path, { force: true });
  }
}

const sizeAndTime = (path: string): Promise<{ bytes: number; time: number }> =>
  stat(path).then(
    ({ size, mtimeMs }) => ({ bytes: size, time: mtimeMs }),
    () => ({ bytes: 0, time: 0 }),
  );
