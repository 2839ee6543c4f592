/** Ties the command line to the process: its streams, its clock, Ctrl-C and broken pipes; run.ts does the work. */
import type { EventEmitter } from "node:events";
import { resolve } from "node:path";
import { codeOf } from "../../util/errors.ts";
import { COMMANDS, type CommandRow } from "./commands.ts";
import { EXIT, Stopped, type StopSignal } from "./exit_codes.ts";
import { askedCommand, runCommandLine, tellError } from "./run.ts";
import { type Output, TerminalReporter } from "./terminal_reporter.ts";

/** The parts of Node's `process` that the command line uses. */
export interface Host extends EventEmitter {
  argv: string[];
  stdout: Output & EventEmitter;
  stderr: Output & EventEmitter;
  env: Record<string, string | undefined>;
}

/** Runs the command that `host.argv` names; gives the exit code, or calls `exit` where the program must end at once. */
export async function start(
  host: Host,
  exit: (code: number) => void,
  commands: readonly CommandRow[] = COMMANDS,
): Promise<number> {
  const { stdout, stderr } = host;
  const reporter = new TerminalReporter({
    stdout,
    stderr,
    live: stderr.isTTY === true && host.env.TERM !== "dumb",
    nowMilliseconds: () => performance.now(),
  });
  stdout.on("error", (error) => {
    if (codeOf(error) !== "EPIPE") throw error;
    exit(EXIT.SIGPIPE); // The reader of a pipe, such as `head`, has left: end as other programs do, without a word.
  });
  stderr.on("error", (error) => {
    if (codeOf(error) !== "EPIPE") throw error;
  });
  const fail = (error: unknown): void => exit(tellError(error, reporter));
  host.on("uncaughtException", fail);
  host.on("unhandledRejection", fail);
  const args = host.argv.slice(2);
  const finishes = askedCommand(args, commands)?.finishes;
  const stopping = finishes === undefined ? "Stopping" : `Stopping after ${finishes}`;
  const signal = stopOnSignals(host, () => reporter.note(`${stopping}; press Ctrl-C again to stop at once.`), exit);
  return runCommandLine(args, { commands, reporter, stdout, signal, folder: resolve() });
}

/** The first Ctrl-C (or SIGTERM) asks the job to stop, a second one ends the program at once. */
function stopOnSignals(host: Host, tell: () => void, exit: (code: number) => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const satisfies StopSignal[]) {
    host.on(name, () => {
      if (controller.signal.aborted) return exit(EXIT[name]);
      tell();
      controller.abort(new Stopped(name));
    });
  }
  return controller.signal;
}
