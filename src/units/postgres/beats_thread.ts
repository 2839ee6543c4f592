/**
 * The thread that beats for the attempt of a worker, and writes what the worker is doing. It has a connection of its
 * own, so that a busy worker does not miss a beat. beats.ts starts it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { loadPackages, openConnections } from "./connection.ts";
import { type Attempt, LEASE_SECONDS, UnitQueue } from "./queue.ts";
import { WORKERS } from "./tables.ts";

/** What a worker holds and does; the thread writes it into the table of workers. */
export interface Doing {
  readonly attempt: Pick<Attempt, "id" | "retryCount"> | null;
  readonly folder: string | null;
  readonly unit: string | null;
  /** The last line that the worker has printed. */
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
let doing: Doing = { attempt: null, folder: null, unit: null, words: "", done: 0 };
/** When the last beat that was answered was sent, or the unit was taken. */
let lastBeat = performance.now();
let beating = false;
let ended = false;

const tell = (attempt: Pick<Attempt, "id">, news: BeatNews["news"]): void =>
  port.postMessage({ id: attempt.id, news } satisfies BeatNews);

async function beat(): Promise<void> {
  if (beating || ended) return;
  beating = true;
  const sent = performance.now();
  const { attempt, folder, unit, words, done } = doing;
  try {
    if (attempt && !(await UnitQueue.beat(connections, attempt))) {
      if (doing.attempt?.id === attempt.id) tell(attempt, "lost");
    } else if (attempt === doing.attempt) lastBeat = sent;
    await connections.executeSql(
      `INSERT INTO ${WORKERS} (id, name, version, folder, unit, words, done) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id) DO UPDATE SET folder = $4, unit = $5, words = $6, done = $7, seen = now()`,
      [id, name, version, folder, unit, words, done],
    );
  } catch {
    // The next beat tries again; silence is noticed below.
  } finally {
    beating = false;
  }
}

const beats = setInterval(() => void beat(), BEAT_MILLISECONDS);
const looks = setInterval(() => {
  const { attempt } = doing;
  if (attempt && performance.now() - lastBeat > LONGEST_SILENCE_MILLISECONDS) tell(attempt, "away");
}, LOOK_MILLISECONDS);

port.on("message", async (message: Doing | "end") => {
  if (message !== "end") {
    if (message.attempt?.id !== doing.attempt?.id) lastBeat = performance.now();
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
