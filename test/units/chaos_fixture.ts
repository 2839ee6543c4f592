/**
 * What the tests share that kill processes at work on many units: their sizes, the slides, the results of one process
 * that is never disturbed, and what results must equal. CANCERNET_CHAOS=long makes them as large as in
 * docs/reliability.md; CANCERNET_CHAOS_SLIDES, _WORKERS, _KILLS and the others set one size.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isTemporaryName } from "../../src/system/leftovers.ts";
import { cancernet } from "../support/command.ts";
import { hashTree } from "../support/folder.ts";
import { startCancernet } from "../support/running.ts";
import { isDamaged, slideName, writeSmallSlides } from "../support/small_slides.ts";

const isLong = process.env.CANCERNET_CHAOS === "long";

const size = (name: string, short: number, long: number): number =>
  Number(process.env[`CANCERNET_CHAOS_${name}`] ?? (isLong ? long : short));

export const SIZES = {
  slides: size("SLIDES", 60, 10_000),
  workers: size("WORKERS", Math.min(3, availableParallelism() + 1), 8),
  kills: size("KILLS", 4, 40),
  /** Crashes of the database. */
  restarts: size("RESTARTS", 1, 2),
  /** How long the network swallows everything, once. */
  offlineSeconds: size("OFFLINE_SECONDS", 5, 60),
  /** How long a worker is stopped, which is longer than its lease. */
  pausedSeconds: size("PAUSED_SECONDS", 12, 60),
  seed: size("SEED", 1, 1),
};

/** The end of a test, where its processes are stopped. */
export interface Ending {
  after(end: () => unknown): void;
}

/** The slides, and the results of one process that nothing disturbs. */
export interface Reference {
  readonly slides: string;
  /** Ends when the results are complete. Another process may be at work meanwhile. */
  readonly results: Promise<string>;
}

/** The arguments for all slides of a folder. Their paths, being absolute, are not shown in the results. */
export const slideArguments = (slides: string, out: string): string[] => {
  return ["slide", "idc", slides, "--scale", "1", "--threads", "1", "--root", slides, "--out", out];
};

/**
 * Makes the slides, and starts to score them in one process. If CANCERNET_CHAOS_REFERENCE names a folder, both are kept
 * in it and used again.
 * @param folder for both otherwise
 */
export function referenceOf(t: Ending, folder: string, count: number): Reference {
  const kept = process.env.CANCERNET_CHAOS_REFERENCE;
  const place = kept === undefined ? folder : resolve(kept, String(count));
  const [slides, results, done] = [join(place, "slides"), join(place, "one", "results"), join(place, "done")];
  if (existsSync(done)) return { slides, results: Promise.resolve(results) };
  writeSmallSlides(slides, count);
  mkdirSync(join(place, "one"), { recursive: true });
  const running = startCancernet(t, slideArguments(slides, results));
  const complete = running.ended.then(({ code }) => {
    assert.equal(code, damagedOf(count).length > 0 ? 2 : 0, running.printed());
    writeFileSync(done, "");
    return results;
  });
  complete.catch(() => {}); // Whoever waits for the results gets the error.
  return { slides, results: complete };
}

export const damagedOf = (count: number): number[] => [...Array(count).keys()].filter(isDamaged);

/** Counts how often each unit is published: how often its name appears in the folder of the results. */
export function countPublications(t: Ending, results: string): Map<string, number> {
  const counts = new Map<string, number>();
  mkdirSync(results, { recursive: true });
  const watcher: FSWatcher = watch(results, (event, name) => {
    if (event === "rename" && name && /^slide-\d+$/.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  t.after(() => watcher.close());
  return counts;
}

/** Fails unless every slide that is not damaged was published once, and no damaged one. */
export function assertPublishedOnce(publications: ReadonlyMap<string, number>, count: number): void {
  const [whole, names] = [[...Array(count).keys()].filter((index) => !isDamaged(index)), [...publications.keys()]];
  assert.deepEqual(
    whole.filter((index) => publications.get(slideName(index)) !== 1),
    [],
  );
  assert.equal(names.length, whole.length);
}

/** The model, which a queue's workers take from there. */
const STORED_MODEL = /^[.]units[/]model-[0-9a-f]{64}[.]onnx$/;

/** Fails unless two folders of results hold the same files with the same bytes, and nothing of an attempt is left. */
export async function assertSameResults(results: string, reference: string): Promise<void> {
  const [found, expected] = [await hashTree(results), await hashTree(reference)];
  const names = [...new Set([...found.keys(), ...expected.keys()])].filter((name) => !STORED_MODEL.test(name));
  assert.ok(expected.size > 0);
  assert.deepEqual(
    names.filter((name) => found.get(name) !== expected.get(name)),
    [],
  );
  assert.deepEqual(partsIn(results), []);
}

/** How many attempts at units have left their folders. */
export const leftAttempts = (results: string): number =>
  partsIn(results).filter((path) => isTemporaryName(basename(path))).length;

function partsIn(results: string): string[] {
  const parts = join(results, ".units", "parts");
  return existsSync(parts) ? readdirSync(parts, { recursive: true, encoding: "utf8" }) : [];
}

/** Fails unless the summary of a copy has the same bytes, although nothing but the folder is there. */
export async function assertGathersAlone(results: string, copy: string): Promise<void> {
  const summary = "slides.csv";
  cpSync(results, copy, { recursive: true });
  rmSync(join(copy, summary));
  await cancernet(["gather", copy]);
  assert.deepEqual(readFileSync(join(copy, summary)), readFileSync(join(results, summary)));
}

/** A test that waits for longer hangs. */
const MOST_MILLISECONDS = 120_000 + SIZES.slides * 600;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + MOST_MILLISECONDS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`It does not become so: ${isSo}`);
    await sleep(100);
  }
}
