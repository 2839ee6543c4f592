/**
 * Connects the command line to the process: its streams, its clock and the signals that stop it. run.ts runs the
 * command.
 */
import type { EventEmitter } from "node:events";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UserError } from "../../util/errors.ts";
import type { CommandRow } from "./command_row.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT, OutputFailed, STOP_SIGNALS, Stopped, type StopSignal } from "./exit_codes.ts";
import { type OutputStream, watchOutputs } from "./outputs.ts";
import { askedCommand, printError, runCommandLine } from "./run.ts";
import { TerminalReporter } from "./terminal_reporter.ts";

/** The parts of Node's `process` that the command line uses. */
export interface Host extends EventEmitter {
  argv: string[];
  stdout: OutputStream;
  stderr: OutputStream;
  env: Record<string, string | undefined>;
}

/** Runs the command in `host.argv` and returns the exit code. Calls `exit` if the program must end immediately. */
export async function start(
  host: Host,
  exit: (code: number) => void,
  commands: readonly CommandRow[] = COMMANDS,
): Promise<number> {
  const controller = new AbortController();
  const { signal } = controller;
  const { stdout, stderr } = watchOutputs(host, {
    readerLeft: () => exit(EXIT.SIGPIPE), // End silently, like other programs.
    failed: () => controller.abort(new OutputFailed("an output takes nothing any more")),
  });
  const reporter = new TerminalReporter({
    stdout,
    stderr,
    live: stderr.isTTY === true && host.env.TERM !== "dumb",
    nowMilliseconds: () => performance.now(),
  });
  const fail = (error: unknown): void => exit(printError(error, reporter));
  host.on("uncaughtException", fail);
  host.on("unhandledRejection", fail);
  const args = host.argv.slice(2);
  const finishes = askedCommand(args, commands)?.finishes;
  const stopping = finishes === undefined ? "Stopping" : `Stopping after ${finishes}`;
  // The first Ctrl-C (or another stop signal) aborts the job. A second one ends the program immediately.
  for (const name of Object.keys(STOP_SIGNALS) as StopSignal[]) {
    host.on(name, () => {
      if (signal.aborted) return exit(EXIT[name]);
      controller.abort(new Stopped(name));
      reporter.note(`${stopping}; press Ctrl-C again to stop at once.`);
    });
  }
  const folder = currentFolder();
  if (folder === undefined) return printError(FOLDER_DELETED, reporter);
  const code = await runCommandLine(args, { commands, reporter, stdout, signal, folder });
  // A stream reports write errors later.
  await setImmediate();
  return signal.reason instanceof OutputFailed ? EXIT.userError : code;
}

const FOLDER_DELETED = new UserError(
  "file-missing",
  "The current folder was deleted: change to another folder, and run the command again.",
);

/** The absolute path of the current folder; undefined if it was deleted. */
function currentFolder(): string | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}
