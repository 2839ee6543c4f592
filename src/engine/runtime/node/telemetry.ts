/**
 * Switches off ONNX Runtime's telemetry, in this process and in its child processes. If it is on, it writes a device id
 * and each model's metadata to the home folder and sends them to its vendor (docs/decisions/0021).
 */
import { Session } from "node:inspector";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { reportOnProcess } from "../../../system/process_report.ts";
import { UserError } from "../../../util/errors.ts";

/**
 * The environment variable that ONNX Runtime reads once, when a process opens its first model. A value set by the user
 * is kept.
 */
const SWITCH = "ORT_DISABLE_TELEMETRY";
process.env[SWITCH] ||= "1";

/** How long to wait for the main thread to set the variable. */
const PATIENCE_MILLISECONDS = 2000;
const PAUSE_MILLISECONDS = 10;

let settled: Promise<void> | undefined;

/**
 * Resolves when the variable is set in the environment that native code reads. In the main thread it is already set. A
 * worker thread has a separate copy of the environment, so it requests the main thread to set the variable.
 * @throws UserError if the main thread does not set it.
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

/**
 * Evaluates a line of code in the main thread, as a debugger would. If that is not allowed, nothing happens. Returns a
 * function that disconnects.
 */
function askMainThread(): () => void {
  const session = new Session();
  try {
    session.connectToMainThread();
    session.post("Runtime.evaluate", { expression: `process.env.${SWITCH} ||= "1"` });
  } catch {
    // The caller's wait then ends with an error.
  }
  return () => session.disconnect();
}
