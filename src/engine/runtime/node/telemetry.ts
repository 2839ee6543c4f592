/**
 * Switches off ONNX Runtime's telemetry, in this process and in those that it starts. Left on, it writes a device id and each
 * model's metadata to the home folder and sends them to its maker (docs/decisions/0021).
 */
import { Session } from "node:inspector";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { reportOnProcess } from "../../../system/process_report.ts";
import { UserError } from "../../../util/errors.ts";

/** The variable that ONNX Runtime reads, once, when a process opens its first model. A value that the user has set stays. */
const SWITCH = "ORT_DISABLE_TELEMETRY";
process.env[SWITCH] ||= "1";

/** How long the main thread may take to set the variable. */
const PATIENCE_MILLISECONDS = 2000;
const PAUSE_MILLISECONDS = 10;

let settled: Promise<void> | undefined;

/**
 * Fulfilled once the variable stands in the environment that native code reads. In the main thread it does already; a worker
 * thread has a copy of its own, so there the main thread is asked to set it.
 * @throws UserError if it does not.
 */
export function telemetryIsSettled(): Promise<void> {
  settled ??= isMainThread ? Promise.resolve() : settleFromWorker();
  return settled;
}

async function settleFromWorker(): Promise<void> {
  if (isInProcessEnvironment()) return;
  const stopAsking = askMainThread();
  try {
    for (let waited = 0; waited < PATIENCE_MILLISECONDS; waited += PAUSE_MILLISECONDS) {
      await sleep(PAUSE_MILLISECONDS);
      if (isInProcessEnvironment()) return;
    }
  } finally {
    stopAsking();
  }
  throw new UserError(
    "telemetry-on",
    `ONNX Runtime's telemetry cannot be switched off from this worker thread: import "cancernet" in the main thread before ` +
      `the worker is started, or start the program with ${SWITCH}=1.`,
  );
}

function isInProcessEnvironment(): boolean {
  return (reportOnProcess().environmentVariables[SWITCH] ?? "") !== "";
}

/** Has the main thread evaluate a line, as a debugger would. If that is not allowed, nothing happens. */
function askMainThread(): () => void {
  const session = new Session();
  try {
    session.connectToMainThread();
    session.post("Runtime.evaluate", { expression: `process.env.${SWITCH} ||= "1"` });
  } catch {
    // The wait above ends in a sentence.
  }
  return () => session.disconnect();
}
