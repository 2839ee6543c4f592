/** Prints a job's events and result: as text, as JSON, or as one JSON line per event. */
import { eventLines } from "../../reports/event_text.ts";
import { UserError } from "../../util/errors.ts";
import type { JobEvent, Progress, Reporter } from "../../util/reporter.ts";
import type { Job } from "./command_row.ts";
import { OutputFailed, Stopped } from "./exit_codes.ts";
import { jsonText } from "./json_text.ts";
import { isComplete, shownProgress } from "./progress_line.ts";
import type { OutputFlags } from "./schema_to_command.ts";
import type { TerminalReporter } from "./terminal_reporter.ts";

/** Prints the events and the result of a job. */
export interface Printer extends Reporter {
  /**
   * Called once, before the job runs.
   * @param forProgram A program reads standard output, although it is not JSON. So all lines except the result go to
   *   standard error.
   */
  started(verb: string, options: never, format: { readonly forProgram: boolean }): void;
  result(result: unknown): void;
  /** Called before the error is printed as a sentence. */
  failed(error: unknown): void;
}

/** The parts of a job that a printer needs. */
type Printed = Pick<Job, "text" | "json" | "item" | "eventLines">;

/**
 * With --json the result is JSON on standard output. With --events there is one line per event: on standard output, or
 * on standard error if the result is on standard output.
 */
export function printerFor(job: Printed, { json, events }: OutputFlags, reporter: TerminalReporter): Printer {
  const words = wordsPrinter(job, json, reporter);
  if (!events) return words;
  const lines = new EventPrinter(job, (line) => reporter.write(json ? "stderr" : "stdout", line));
  if (!json) return lines;
  // Standard error contains only event lines, and standard output only the result.
  reporter.divert((text) => lines.note(text));
  return {
    started(verb, options, format) {
      words.started(verb, options, format);
      lines.started(verb, options);
    },
    warn: (sentence) => lines.warn(sentence),
    progress: (progress) => lines.progress(progress),
    event(event) {
      lines.event(event);
      if (event.event === "item") words.event(event);
    },
    result(result) {
      words.result(result);
      lines.result(result);
    },
    failed: (error) => lines.failed(error),
  };
}

/** Prints the result as text or JSON on standard output, and events as text. */
function wordsPrinter(job: Printed, json: boolean, reporter: TerminalReporter): Printer {
  let given: { readonly options: never; readonly forProgram: boolean } | undefined;
  const print = (text: string): void => {
    for (const line of text.split("\n")) reporter.info(line);
  };
  const say = (line: string): void => (json || given?.forProgram ? reporter.note(line) : reporter.info(line));
  return {
    started(_, options, { forProgram }) {
      given = { options, forProgram };
    },
    warn: (sentence) => reporter.warn(sentence),
    progress: (progress) => reporter.progress(progress),
    event(event) {
      if (event.event === "item" && json) return job.item && print(jsonText(job.item.json(event.item as never)));
      const own = event.event === "item" ? job.item?.text?.(event.item as never) : job.eventLines?.(event);
      for (const line of own ?? eventLines(event)) say(line);
    },
    result(result) {
      if (!json) for (const line of job.text(result as never, given!.options)) reporter.info(line);
      else if (!job.item) print(jsonText(jsonOf(job, result), 2));
    },
    failed() {},
  };
}

const jsonOf = ({ json }: Printed, result: unknown): unknown => (json ? json(result as never) : result) ?? null;

/** The minimum time between two progress lines of one task. The last line of a task is always printed. */
const PROGRESS_MILLISECONDS = 100;

/** Prints one line of JSON per event; docs/json.md lists the events. */
class EventPrinter implements Printer {
  readonly #job: Printed;
  readonly #print: (line: string) => void;
  readonly #startMilliseconds = performance.now();
  /** The task of the last progress line, and its time. */
  #last: { readonly title: string; readonly milliseconds: number } | undefined;

  constructor(job: Printed, print: (line: string) => void) {
    this.#job = job;
    this.#print = print;
  }

  started(verb: string, options: unknown): void {
    this.#write({ event: "started", verb, options, time: new Date().toISOString() });
  }

  warn(message: string): void {
    this.#write({ event: "warning", message });
  }

  note(message: string): void {
    this.#write({ event: "note", message });
  }

  progress(progress: Progress): void {
    const shown = shownProgress(progress);
    const now = performance.now();
    const last = this.#last;
    const due = last?.title !== shown.task || now - last.milliseconds >= PROGRESS_MILLISECONDS || isComplete(shown);
    if (!due) return;
    this.#last = { title: shown.task, milliseconds: now };
    this.#write({ event: "progress", ...progress });
  }

  event(event: JobEvent): void {
    const { item } = this.#job;
    if (event.event === "item" && item) this.#write({ event: "item", item: item.json(event.item as never) });
    else this.#write({ ...event });
  }

  result(result: unknown): void {
    this.#write({ event: "result", result: jsonOf(this.#job, result) });
  }

  failed(error: unknown): void {
    this.#write({ event: "failed", ...failureOf(error) });
  }

  #write({ event: name, ...rest }: { readonly event: string } & Readonly<Record<string, unknown>>): void {
    const seconds = Math.round(performance.now() - this.#startMilliseconds) / 1000;
    this.#print(`${jsonText({ event: name, seconds, ...rest })}\n`);
  }
}

function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UserError) return { code: error.code, message };
  if (error instanceof Stopped) return { code: "stopped", message };
  return { code: error instanceof OutputFailed ? "output-failed" : "bug", message };
}
