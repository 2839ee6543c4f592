/**
 * The thread that beats for the attempt of a worker, and writes what the worker is doing. It has a connection of its
 * own, so that a busy worker does not miss a beat. beats.ts starts it.
 */
import { hostname } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { loadPackages, openConnections } from "./connection.ts";
import { type AttemptId, LEASE_SECONDS, UnitQueue } from "./queue.ts";
import { WORKERS } from "./tables.ts";

/** What a worker holds and does; the thread writes it into the table of workers. */
export interface Doing {
  readonly attempts: readonly AttemptId[];
  readonly folder: string | null;
  readonly unit: string | null;
  /** The last line that the worker has printed: a warning, or progress. */
  readonly words: string;
  /** How many units it has done. */
  readonly done: number;
}

export interface WorkerFacts {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** `lost`: another worker has the unit, or nobody; `away`: the database has not answered for half a lease. */
export type BeatNews = { readonly id: string; readonly news: "lost" | "away" };

const BEAT_MILLISECONDS = 2000;
const LOOK_MILLISECONDS = 250;
const LONGEST_SILENCE_MILLISECONDS = (LEASE_SECONDS * 1000) / 2;

const { id, name, version } = workerData as WorkerFacts;
const port = parentPort!;
const connections = openConnections(await loadPackages(), 1);
let doing: Doing = { attempts: [], folder: null, unit: null, words: "", done: 0 };
/** For each attempt: when the last beat that was answered was sent, or when the unit was taken. */
const lastBeats = new Map<string, number>();
let beating = false;
let ended = false;

const send = (attempt: string, news: BeatNews["news"]): void =>
  port.postMessage({ id: attempt, news } satisfies BeatNews);

async function beat(): Promise<void> {
  if (beating || ended) return;
  beating = true;
  const sent = performance.now();
  const { attempts, folder, unit, words, done } = doing;
  try {
    if (attempts.length > 0) {
      const kept = new Set(await UnitQueue.beat(connections, attempts));
      for (const attempt of attempts) {
        if (!lastBeats.has(attempt.id)) continue;
        if (kept.has(attempt.id)) lastBeats.set(attempt.id, sent);
        else send(attempt.id, "lost");
      }
    }
    await connections.executeSql(
      `INSERT INTO ${WORKERS} (id, name, host, version, folder, unit, words, done) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (id) DO UPDATE SET folder = $5, unit = $6, words = $7, done = $8, seen = now()`,
      [id, name, hostname(), version, folder, unit, words, done],
    );
  } catch {
    // The next beat tries again; silence is noticed below.
  } finally {
    beating = false;
  }
}

const beats = setInterval(() => void beat(), BEAT_MILLISECONDS);
const looks = setInterval(() => {
  const now = performance.now();
  for (const [attempt, time] of lastBeats) if (now - time > LONGEST_SILENCE_MILLISECONDS) send(attempt, "away");
}, LOOK_MILLISECONDS);

port.on("message", async (message: Doing | "end") => {
  if (message !== "end") {
    const held = new Set(message.attempts.map((attempt) => attempt.id));
    for (const attempt of lastBeats.keys()) if (!held.has(attempt)) lastBeats.delete(attempt);
    for (const attempt of held) if (!lastBeats.has(attempt)) lastBeats.set(attempt, performance.now());
    doing = message;
    return;
  }
  ended = true;
  clearInterval(beats);
  clearInterval(looks);
  await connections.executeSql(`DELETE FROM ${WORKERS} WHERE id = $1`, [id]).catch(() => {});
  await connections.close().catch(() => {});
  port.close();
});
void beat();
