/** How long a call still takes once it is asked to stop, measured from the instant of the request and not from when it was heard. */
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

export interface Delay {
  /** When it was asked to stop, in milliseconds from the start. */
  readonly after: number;
  /** Until it had ended. */
  readonly milliseconds: number;
  /** Of which the main thread has run, and has waited for a processor that others used; zeros if the system does not say it. */
  readonly worked: number;
  readonly waited: number;
  /** What it had last told of: "Evaluating test 1200". */
  readonly at: string;
  /** It had ended before it heard of the request. */
  readonly finished: boolean;
}

export type Call = (context: {
  signal: AbortSignal;
  reporter: { warn(): void; event(): void; progress(progress: { task: string; done: number }): void };
}) => Promise<unknown>;

/** Starts a call, asks it to stop after so many milliseconds, and waits for its end. */
export async function delayOf(call: Call, after: number): Promise<Delay> {
  const controller = new AbortController();
  const times = new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT);
  const bell = new Worker(new URL("./bell.ts", import.meta.url), {
    workerData: { pid: process.pid, times },
    execArgv: [],
  });
  await new Promise((online) => bell.once("online", online));
  let at = "the start";
  let heard = false;
  const reason = new Error("stop");
  bell.once("message", () => {
    heard = true;
    controller.abort(reason);
  });
  const reporter = {
    warn() {},
    event() {},
    progress: ({ task, done }: { task: string; done: number }) => (at = `${task} ${done}`),
  };
  bell.postMessage(after);
  const failure = await call({ signal: controller.signal, reporter }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const end = performance.timeOrigin + performance.now();
  const [run = 0, waited = 0] = schedstat();
  const [asked = 0, runThen = 0, waitedThen = 0] = new Float64Array(times);
  await bell.terminate();
  if (failure !== undefined && !causedBy(failure, reason)) throw failure;
  const finished = !heard || failure === undefined;
  const none = asked === 0;
  return {
    after,
    milliseconds: none ? 0 : end - asked,
    worked: none ? 0 : (run - runThen) / 1e6,
    waited: none ? 0 : (waited - waitedThen) / 1e6,
    at,
    finished,
  };
}

function schedstat(): number[] {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ").map(Number);
  } catch {
    return [];
  }
}

function causedBy(error: unknown, reason: unknown): boolean {
  return (
    error === reason ||
    (error instanceof Error && causedBy(error.cause, reason)) ||
    (error as Error)?.name === "AbortError"
  );
}
