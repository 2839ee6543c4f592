/** Runs one command line: finds the command, reads its options, runs its workflow, and prints errors as sentences. */
import { inspect } from "node:util";
import { Command, CommanderError } from "commander";
import type * as z from "zod";
import { SOFTWARE } from "../../system/version.ts";
import type { ErrorCode } from "../../util/error_codes.ts";
import { UserError } from "../../util/errors.ts";
import { COMMAND_GROUPS, type CommandRow, type Job } from "./command_row.ts";
import { configure } from "./config/configure.ts";
import { configLines } from "./config/print.ts";
import { EXIT, exitCodeFor, OutputFailed, Stopped } from "./exit_codes.ts";
import { readValues, requireSoundFile } from "./option_values.ts";
import { printerFor } from "./printers.ts";
import { addOptions, type ParsedLine } from "./schema_to_command.ts";
import type { Output, TerminalReporter } from "./terminal_reporter.ts";

/** The surroundings of a command line. */
export interface Environment {
  commands: readonly CommandRow[];
  reporter: TerminalReporter;
  /** Receives the help and version texts. */
  stdout: Output;
  /** Aborted when the job must stop; the reason is a `Stopped` or an `OutputFailed`. */
  signal: AbortSignal;
  /** The absolute path of the working folder. The search for a configuration file starts here and goes upwards. */
  folder: string;
  /** Called with the error that ended the command line, before it is printed. */
  onError?(error: unknown): void;
}

/** Runs the command line `args` (without program and script) and returns the exit code. Never throws. */
export async function runCommandLine(args: readonly string[], surroundings: Environment): Promise<number> {
  const { reporter, signal } = surroundings;
  let code: number = EXIT.ok;
  try {
    const program = await buildProgram(args, surroundings, () => {
      code = EXIT.notPassed;
    });
    await program.parseAsync(args.length === 0 ? ["--help"] : args, { from: "user" });
    // A job that returns after an abort has not done all of its work, so the exit code must show that.
    signal.throwIfAborted();
    reporter.close();
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok; // Help or the version was shown.
    const error = errorOf(thrown, args, surroundings);
    surroundings.onError?.(error);
    return printError(error, reporter);
  }
}

/** The error that ended the command line: the abort reason, a mistake in the command line, or an error of the job. */
function errorOf(thrown: unknown, args: readonly string[], surroundings: Environment): unknown {
  if (surroundings.signal.aborted && isAbort(thrown)) return surroundings.signal.reason;
  return thrown instanceof CommanderError ? toUserError(thrown, args, surroundings) : thrown;
}

/**
 * Prints an error and returns the exit code. A user's mistake is printed as one sentence, a bug with all details for a
 * report.
 */
export function printError(error: unknown, reporter: TerminalReporter): number {
  reporter.close();
  if (error instanceof OutputFailed) return EXIT.userError; // Already printed, as far as that is possible.
  if (error instanceof Stopped) reporter.note("cancernet: stopped.");
  else if (error instanceof UserError) reporter.note(`cancernet: ${error.message}`);
  else {
    const where = `${SOFTWARE}, Node ${process.version}, ${process.platform} ${process.arch}`;
    reporter.note(`cancernet: ${inspect(error)}`);
    reporter.note(`This is a bug in cancernet: please report it with the lines above (${where}).`);
  }
  return exitCodeFor(error);
}

/** The command that a command line names; undefined if no command has that name. */
export function askedCommand(args: readonly string[], commands: readonly CommandRow[]): CommandRow | undefined {
  const name = args.filter((arg) => !arg.startsWith("-") && arg !== "help")[0];
  return commands.find((row) => row.name === name || row.aliases?.includes(name ?? ""));
}

/**
 * Builds the program with the names of all commands. Only the command that `args` names is loaded and gets its options.
 */
async function buildProgram(
  args: readonly string[],
  surroundings: Environment,
  onNotPassed: () => void,
): Promise<Command> {
  const { commands, stdout } = surroundings;
  const program = new Command("cancernet")
    .description("Breast-cancer histology: prepare a dataset, train, evaluate, predict. Research use only.")
    .version(SOFTWARE, "-V, --version", "Show the version.")
    .helpOption("-h, --help", "Show this help, or a command's.")
    .helpCommand("help [command]", "Show a command's help.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr() {}, // printError prints errors.
      getOutHelpWidth: () => stdout.columns ?? 80,
    });
  const asked = askedCommand(args, commands);
  for (const row of commands) {
    const command = program.command(row.name).description(row.summary).helpGroup(COMMAND_GROUPS[row.group]);
    if (row !== asked) continue;
    command.aliases(row.aliases ?? []);
    const job = await row.load();
    const parsed = addOptions(command, job.options);
    command.action(async () => {
      const result = await runJob(row.name, job, parsed(), surroundings);
      if (result !== undefined && job.passed?.(result) === false) onNotPassed();
    });
    if (row.examples?.length) command.addHelpText("after", examplesText(row.examples));
  }
  return program;
}

/** Runs a command with the options from the command line and the configuration file, or only prints these options. */
async function runJob(
  verb: string,
  job: Job<z.ZodObject>,
  line: ParsedLine,
  surroundings: Environment,
): Promise<unknown> {
  const { reporter, signal } = surroundings;
  const printer = printerFor(job, line, reporter);
  try {
    const options = await optionsOf(verb, job, line, surroundings);
    if (!options) return undefined;
    printer.started(verb, options as never, requireOneFormat(line, options));
    const result = await job.run(options, { reporter: printer, signal });
    printer.result(result);
    const problem = job.problem?.(result);
    if (problem) throw problem;
    signal.throwIfAborted();
    return result;
  } catch (error) {
    printer.failed(signal.aborted && isAbort(error) ? signal.reason : error);
    throw error;
  }
}

/** The checked options; undefined if --print-config only prints them, which is then done. */
async function optionsOf(
  verb: string,
  job: Job<z.ZodObject>,
  line: ParsedLine,
  { commands, reporter, folder }: Environment,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const note = (text: string) => reporter.note(text);
  const { notice, ...source } = await configure(line, { verb, commands, folder, note });
  const given = { ...line, ...source };
  requireSoundFile(job.options, given);
  const lines = line.print && configLines(job, { ...given, verb });
  const options = line.print ? undefined : readValues(job.options, given);
  if (notice) note(notice); // Printed only now, because it would distract from an error in that file.
  for (const text of lines ?? []) reporter.info(text);
  return options;
}

/**
 * Whether an option of the command, such as --csv, makes standard output one for programs.
 * @throws UserError if the command line requests two output formats.
 */
function requireOneFormat(
  { entries, json, events }: ParsedLine,
  options: Readonly<Record<string, unknown>>,
): { readonly forProgram: boolean } {
  const other = entries.find(({ output, property }) => output && options[property] === true);
  if (other && (json || events)) {
    throw new UserError(
      "options-conflict",
      `--${json ? "json" : "events"} and ${other.label} exclude each other: give one of them.`,
    );
  }
  return { forProgram: other !== undefined };
}

function examplesText(examples: readonly string[]): string {
  return ["", "Examples:", ...examples.map((example) => `  ${example}`)].join("\n");
}

/** Error codes for Commander's own codes; all other codes concern the value of an option. */
const COMPLAINTS: Readonly<Record<string, ErrorCode>> = {
  "commander.unknownCommand": "command-unknown",
  "commander.unknownOption": "option-unknown",
  "commander.missingArgument": "option-missing",
  "commander.missingMandatoryOptionValue": "option-missing",
  "commander.excessArguments": "arguments-too-many",
};

/** Converts a Commander error ("error: unknown option '--epoch'\n(Did you mean --epochs?)") to one sentence. */
function toUserError(error: CommanderError, args: readonly string[], { commands }: Environment): UserError {
  // The message contains the user's text, which may include line breaks. The hint is at the end, in brackets.
  const [, complaint = "", hint] = /^(?:error: )?(.*?)(?:\n\(D(id you mean .*)\))?$/s.exec(error.message) ?? [];
  const command = askedCommand(args, commands);
  const help = `cancernet ${command ? `${command.name} ` : ""}--help`;
  const remedy = hint ? `d${hint}` : `run "${help}" for help.`;
  return new UserError(COMPLAINTS[error.code] ?? "option-invalid", `${complaint.replace(/\.$/, "")}: ${remedy}`);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || isAbort(error.cause));
}
