/** Tests one component of the machine in a separate process, and shortens its error messages for display. */
import { fork } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { ownFile, ownScript } from "../../system/own_files.ts";
import { messageOf } from "../../util/errors.ts";
import type { ProbeAnswer, ProbeKind } from "./health_check_process.ts";

/** A GPU needs some seconds to compile its programs. A device that has not answered after this time never will. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Tests a component and returns the result. A problem is one short line without paths.
 * @throws the signal's reason if it is aborted.
 */
export async function askProbe(kind: ProbeKind, name: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const script = ownScript("workflows/device/health_check_process");
  // Ignore what drivers print.
  const child = fork(script, [kind, name], {
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

/** An error message of ONNX Runtime without its source locations: the first line after them. */
export function shortReason(complaint: string): string {
  const reason = /^.*? was false\. ([\s\S]*)$/.exec(complaint)?.[1] ?? complaint;
  const line = withoutPlaces(reason).trim().split("\n")[0]!.trim();
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, LONGEST_REASON - 1)}…`;
}

/** Shortens each absolute path in a text to its last part, so that the text can be shown to anybody. */
export function withoutPlaces(text: string): string {
  // First the known paths that may contain spaces.
  const known = [ownFile(""), join(homedir(), "/")];
  return known
    .reduce((rest, path) => rest.replaceAll(path, "/"), text)
    .replace(/(?<!\w)(?:file:\/\/|[A-Za-z]:)?(?:[\\/][^\\/\s:;,"'()]+)*[\\/]([^\\/\s:;,"'()]+)/g, "$1");
}
