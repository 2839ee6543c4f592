/** A worker thread that makes the overview of one slide for overview.ts, and writes it whole or not at all. */
import { open, rename, rm } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { fileError } from "../../../system/files.ts";
import type { ErrorCode } from "../../../util/error_codes.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import { openSlide } from "../open.ts";
import { limitTileCaches } from "../tile_cache.ts";
import { overviewLevels, pyramidOf } from "./levels.ts";
import { makeOverview } from "./make_overview.ts";
import { OverviewWriter } from "./overview_file.ts";

export interface OverviewOrder {
  /** The path of the slide. */
  readonly slide: string;
  /** Names the bytes of the slide. */
  readonly name: string;
  /** The file to write, and its name until it is complete. */
  readonly file: string;
  readonly temporary: string;
  /** One 32-bit number that is not 0 once the work is to stop. */
  readonly stop: SharedArrayBuffer;
}

export type OverviewNews =
  | { readonly done: number; readonly total: number }
  | { readonly end: "made" | "stopped" }
  | { readonly end: "failed"; readonly message: string; readonly code?: ErrorCode };

class Stopped extends Error {}

const tell = (news: OverviewNews): void => parentPort!.postMessage(news);

async function work({ slide: path, name, file, temporary, stop }: OverviewOrder): Promise<void> {
  const isStopped = new Int32Array(stop);
  const slide = await openSlide(path);
  try {
    const levels = pyramidOf(slide.levels[0]);
    const plan = { slide, levels, count: overviewLevels(slide, levels) };
    const target = await open(temporary, "wx");
    try {
      const writer = new OverviewWriter(target);
      await makeOverview(plan, writer, (done, total) => {
        if (Atomics.load(isStopped, 0) !== 0) throw new Stopped();
        tell({ done, total });
      });
      await writer.finish(name);
    } finally {
      await target.close();
    }
    await rename(temporary, file);
  } finally {
    await slide.close();
  }
}

/** Only tiles that two neighbouring regions share are needed again. */
const CACHED_BYTES = 16 * 1024 * 1024;

limitTileCaches(CACHED_BYTES);
const order = workerData as OverviewOrder;
try {
  await work(order);
  tell({ end: "made" });
} catch (error) {
  await rm(order.temporary, { force: true });
  if (error instanceof Stopped) tell({ end: "stopped" });
  else {
    const known = fileError(
      error,
      "cannot write the overview of the slide",
      "check the free space and the permissions",
    );
    tell({ end: "failed", message: messageOf(known), ...(known instanceof UserError && { code: known.code }) });
  }
}
