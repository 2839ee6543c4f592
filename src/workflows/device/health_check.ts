/** Tries one part of the machine in a process of its own, and makes its complaints fit to be shown. */
import { fork } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptBeside } from "../../system/threads.ts";
import { messageOf } from "../../util/errors.ts";
import type { ProbeAnswer, ProbeKind } from "./health_check_process.ts";

/** Compiling its programs takes a GPU some seconds; what has not answered by then never will. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * What the probe says of a part. A problem is in one short line that holds no path.
 * @throws the signal's reason if it is aborted.
 */
export async function askProbe(kind: ProbeKind, name: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const script = scriptBeside(import.meta.url, "health_check_process");
  // What drivers write to its output is of no use here.
  const child = fork(fileURLToPath(script), [kind, name], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    signal,
    timeout: PATIENCE_MILLISECONDS,
    killSignal: "SIGKILL",
  });
  const answer = await new Promise<ProbeAnswer>((resolve) => {
    child.once("message", resolve);
    child.once("error", (error) => resolve({ problem: messageOf(error) }));
    child.once("exit", (code, ending) => {
      const late = `it did not answer within ${PATIENCE_MILLISECONDS / 1000} seconds`;
      resolve({ problem: ending === "SIGKILL" ? late : `it ended its process (${ending ?? `exit code ${code}`})` });
    });
  });
  child.kill("SIGKILL");
  signal.throwIfAborted();
  return answer.problem === undefined ? answer : { problem: shortReason(answer.problem) };
}

const LONGEST_REASON = 160;

/** ONNX Runtime's complaint without its own sources' places: the first line of what follows them. */
export function shortReason(complaint: string): string {
  const reason = /^.*? was false\. ([\s\S]*)$/.exec(complaint)?.[1] ?? complaint;
  const line = withoutPlaces(reason).trim().split("\n")[0]!.trim();
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, LONGEST_REASON - 1)}…`;
}

/** A text with each absolute path cut to its last name, so that it can be shown to anybody. */
export function withoutPlaces(text: string): string {
  // First those that may have spaces in them.
  const known = [fileURLToPath(new URL("../../..", import.meta.url)), join(homedir(), "/")];
  return known
    .reduce((rest, path) => rest.replaceAll(path, "/"), text)
    .replace(/(?<!\w)(?:file:\/\/|[A-Za-z]:)?(?:[\\/][^\\/\s:;,"'()]+)*[\\/]([^\\/\s:;,"'()]+)/g, "$1");
}
