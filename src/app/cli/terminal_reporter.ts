/**
 * Prints lines and progress: results on stdout, warnings and progress on stderr. A terminal gets a live progress line,
 * a log only a few lines.
 */
import { printable } from "../../util/errors.ts";
import type { Progress } from "../../util/reporter.ts";
import { visible } from "../../util/terminal_text.ts";
import {
  finishedLines,
  isComplete,
  logLine,
  progressLine,
  type ShownProgress,
  shownProgress,
  type TaskState,
} from "./progress_line.ts";

const REDRAW_MILLISECONDS = 100;
/** In a log, a shorter task prints only one line at its end. A longer task prints one line per minute. */
const LOG_MILLISECONDS = 60_000;
/**
 * Space for the "^C" that a terminal prints. Otherwise a full line would wrap, and the next redraw would miss its
 * start.
 */
const FREE_COLUMNS = 3;
const CLEAR_LINE = "\r\u001b[2K";
const CLEAR_REST = "\u001b[K";

/** The part of a text stream that is needed here. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  /** The width of the terminal in characters. */
  columns?: number | undefined;
}

export interface TerminalReporterOptions {
  stdout: Output;
  stderr: Output;
  /** True for a terminal: redraw one line in place. False for a log: print new lines. */
  live: boolean;
  /** A monotonic clock. */
  nowMilliseconds(): number;
}

interface Task {
  progress: ShownProgress;
  startMilliseconds: number;
  /** When the task was first complete. Later reports change neither its time nor its rate. */
  endMilliseconds: number | undefined;
  doneAtStart: number;
  printedMilliseconds: number;
  /** The details in the final line that was printed to a log; undefined if none was printed. */
  printedEnd: string | undefined;
}

/**
 * Writes all output of the command line. Only one line is live at a time. It ends when its task is complete, or at
 * `close`.
 */
export class TerminalReporter {
  readonly #options: TerminalReporterOptions;
  readonly #tasks = new Map<string, Task>();
  /** Receives the lines that are not results, if standard error is used for something else. */
  #diverted: ((text: string) => void) | undefined;
  #live: Task | undefined;
  #drawn = false;

  constructor(options: TerminalReporterOptions) {
    this.#options = options;
  }

  /**
   * Prints a line on stdout. Control characters are made visible for a terminal; a file or a pipe gets the line
   * unchanged.
   */
  info(line: string): void {
    const { stdout } = this.#options;
    const isTerminal = stdout.isTTY === true;
    this.#above(isTerminal, () => stdout.write(`${isTerminal ? visible(line) : line}\n`));
  }

  /** Writes text for a program, unchanged. */
  write(stream: "stdout" | "stderr", text: string): void {
    this.#options[stream].write(text);
  }

  warn(line: string): void {
    this.note(`warning: ${printable(line)}`);
  }

  /** From now on, sends the lines for standard error to `take`. */
  divert(take: (text: string) => void): void {
    this.#diverted = take;
  }

  /** Prints lines on stderr that are not warnings. */
  note(text: string): void {
    if (this.#diverted) {
      this.#diverted(text);
      return;
    }
    const lines = text.split("\n").map(visible).join("\n");
    this.#above(true, () => this.#options.stderr.write(`${lines}\n`));
  }

  progress(progress: Progress): void {
    this.show(shownProgress(progress));
  }

  /** Like `progress`, for progress with ready-made texts. */
  show(progress: ShownProgress): void {
    const now = this.#options.nowMilliseconds();
    const task = this.#taskFor(progress, now);
    task.progress = { ...progress };
    if (isComplete(progress)) task.endMilliseconds ??= now;
    if (this.#options.live) this.#drawLive(task, now);
    else this.#printLog(task, now);
  }

  /**
   * Ends the live line. Its text stays, on several lines if the terminal is too narrow. Call this before anything else
   * writes.
   */
  close(): void {
    const task = this.#live;
    if (task && this.#drawn) {
      const lines = finishedLines(stateOf(task, this.#options.nowMilliseconds()), this.#width);
      this.#options.stderr.write(`\r${lines.map((line) => `${line}${CLEAR_REST}\n`).join("")}`);
    }
    this.#live = undefined;
    this.#drawn = false;
  }

  /**
   * Returns the record of a task. A new name, or work that starts over (such as the validation in each epoch), gets a
   * new record.
   */
  #taskFor(progress: ShownProgress, now: number): Task {
    const known = this.#tasks.get(progress.task);
    if (known && known.progress.total === progress.total && progress.done >= known.progress.done) return known;
    const task: Task = {
      progress,
      startMilliseconds: now,
      endMilliseconds: undefined,
      doneAtStart: progress.done,
      printedMilliseconds: now,
      printedEnd: undefined,
    };
    this.#tasks.set(progress.task, task);
    return task;
  }

  #drawLive(task: Task, now: number): void {
    const isNew = this.#live !== task;
    // The line of a finished task stays. The line of an unfinished task is overwritten by the next task.
    if (isNew && this.#live && isComplete(this.#live.progress)) this.close();
    this.#live = task;
    const due = now - task.printedMilliseconds >= REDRAW_MILLISECONDS;
    if (isNew || due || isComplete(task.progress)) this.#draw(task, now);
  }

  get #width(): number {
    return (this.#options.stderr.columns || 80) - FREE_COLUMNS;
  }

  #draw(task: Task, now: number): void {
    this.#options.stderr.write(`\r${progressLine(stateOf(task, now), this.#width)}${CLEAR_REST}`);
    task.printedMilliseconds = now;
    this.#drawn = true;
  }

  #printLog(task: Task, now: number): void {
    const end = isComplete(task.progress) ? (task.progress.details ?? []).join() : undefined;
    const due = end === undefined ? now - task.printedMilliseconds >= LOG_MILLISECONDS : end !== task.printedEnd;
    if (!due) return;
    this.#options.stderr.write(`${logLine(stateOf(task, now))}\n`);
    task.printedMilliseconds = now;
    task.printedEnd = end;
  }

  /** Writes lines above the live line, or below it if its task is complete. */
  #above(sharesTerminal: boolean, write: () => void): void {
    const task = this.#live;
    if (!task || !sharesTerminal) return void write();
    if (isComplete(task.progress)) {
      this.close();
      return void write();
    }
    this.#options.stderr.write(CLEAR_LINE);
    write();
    this.#draw(task, this.#options.nowMilliseconds());
  }
}

function stateOf({ progress, startMilliseconds, endMilliseconds, doneAtStart }: Task, now: number): TaskState {
  return { progress, doneAtStart, elapsedSeconds: ((endMilliseconds ?? now) - startMilliseconds) / 1000 };
}
