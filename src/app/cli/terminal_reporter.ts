/** Draws lines and progress: results on stdout; warnings and progress on stderr, live in a terminal, sparse in a log. */
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
/** An epoch or a preparation that takes less leaves one line in a log, a longer one a sign of life a minute. */
const LOG_MILLISECONDS = 60_000;
/** Room for the "^C" that a terminal shows: were the line full, it would wrap and the next drawing miss its line. */
const FREE_COLUMNS = 3;
const CLEAR_LINE = "\r\u001b[2K";
const CLEAR_REST = "\u001b[K";

/** A stream of text, as far as it is needed here. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  /** The terminal's width in characters. */
  columns?: number | undefined;
}

export interface TerminalReporterOptions {
  stdout: Output;
  stderr: Output;
  /** Redraw one line in place (a terminal), rather than print lines (a log). */
  live: boolean;
  /** A clock that never goes back. */
  nowMilliseconds(): number;
}

interface Task {
  progress: ShownProgress;
  startMilliseconds: number;
  /** When it was first complete: later reports of it change neither its time nor its rate. */
  endMilliseconds: number | undefined;
  doneAtStart: number;
  printedMilliseconds: number;
  /** What the line of the task's end said in a log, if that was printed. */
  printedEnd: string | undefined;
}

/** What the command line writes with. One line is live at a time; it ends if its task is complete or at `close`. */
export class TerminalReporter {
  readonly #options: TerminalReporterOptions;
  readonly #tasks = new Map<string, Task>();
  /** Takes the lines that are no result, if standard error has another use. */
  #diverted: ((text: string) => void) | undefined;
  #live: Task | undefined;
  #drawn = false;

  constructor(options: TerminalReporterOptions) {
    this.#options = options;
  }

  /** A terminal is shown control characters written out; a file or a pipe gets the line as it is. */
  info(line: string): void {
    const { stdout } = this.#options;
    const isTerminal = stdout.isTTY === true;
    this.#above(isTerminal, () => stdout.write(`${isTerminal ? visible(line) : line}\n`));
  }

  /** Lines for a program, as they are. */
  write(stream: "stdout" | "stderr", text: string): void {
    this.#options[stream].write(text);
  }

  warn(line: string): void {
    this.note(`warning: ${printable(line)}`);
  }

  /** From now on `take` is given what would be written to standard error. */
  divert(take: (text: string) => void): void {
    this.#diverted = take;
  }

  /** Lines on stderr that are no warning. */
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

  /** The same, in words. */
  show(progress: ShownProgress): void {
    const now = this.#options.nowMilliseconds();
    const task = this.#taskFor(progress, now);
    task.progress = { ...progress };
    if (isComplete(progress)) task.endMilliseconds ??= now;
    if (this.#options.live) this.#drawLive(task, now);
    else this.#printLog(task, now);
  }

  /** Ends the live line: its text stays, over several lines if one is too narrow. Call it before anything else writes. */
  close(): void {
    const task = this.#live;
    if (task && this.#drawn) {
      const lines = finishedLines(stateOf(task, this.#options.nowMilliseconds()), this.#width);
      this.#options.stderr.write(`\r${lines.map((line) => `${line}${CLEAR_REST}\n`).join("")}`);
    }
    this.#live = undefined;
    this.#drawn = false;
  }

  /** The task's record; a new one if the name is new or the work starts over, as a validation does in each epoch. */
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
    // A finished task's line stays; an unfinished one, which another has pushed aside, is drawn over.
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
