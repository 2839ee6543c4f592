/** The thread that asks for the stop: it is on time, however busy the main thread is, and notes what that one had worked till then. */
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const { pid, times } = workerData as { pid: number; times: SharedArrayBuffer };

/** Nanoseconds that the main thread has run, and has waited for a processor (Linux; zeros elsewhere). */
function worked(): [number, number] {
  try {
    const [run, waited] = readFileSync(`/proc/self/task/${pid}/schedstat`, "latin1").split(" ").map(Number);
    return [run!, waited!];
  } catch {
    return [0, 0];
  }
}

parentPort!.on("message", (milliseconds: number) => {
  setTimeout(() => {
    const noted = new Float64Array(times);
    noted.set([performance.timeOrigin + performance.now(), ...worked()]);
    parentPort!.postMessage("stop");
  }, milliseconds);
});
