/**
 * Formats a task's progress for a given width: one line while the task runs, all details at its end.
 * terminal_reporter.ts prints the lines.
 */
import { progressTitle, valueTexts } from "../../reports/progress_text.ts";
import type { Progress } from "../../util/reporter.ts";
import { fitted, visible, widthOf } from "../../util/terminal_text.ts";

/** Separates the parts of a line, and the values of a detail. */
const GAP = "  ";
/** Indents the further lines of a text that does not fit in one line. */
const INDENT = "    ";
const TASK_LEAST_CHARACTERS = 16;
const BAR_MOST_CHARACTERS = 30;
const BAR_LEAST_CHARACTERS = 8;

/** Progress with texts for display. */
export interface ShownProgress {
  /** The title of the task. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** The measured values as texts, for example "loss 0.4120". */
  readonly details?: readonly string[];
}

export function shownProgress(progress: Progress): ShownProgress {
  const { done, total, unit, values } = progress;
  return { task: progressTitle(progress), done, total, unit, details: valueTexts(values) };
}

/** The state of a task. */
export interface TaskState {
  progress: ShownProgress;
  /** Seconds since the task's first report. */
  elapsedSeconds: number;
  /** The value of `done` at the first report. Work from before a resumption does not count for the speed. */
  doneAtStart: number;
}

/**
 * One line for a running task, at most `widthCharacters` wide. If space is short, the line loses in this order: part of
 * the bar, the rate, the whole bar, the middle of a long task name, the last measured values.
 */
export function progressLine(state: TaskState, widthCharacters: number): string {
  const parts = partsOf(state);
  const whole = wholeLine(state, parts, widthCharacters);
  if (whole !== undefined) return whole;
  const { task, counts, time, details } = parts;
  for (let kept = details.length; kept >= 0; kept--) {
    const rest = joined([counts, time, ...details.slice(0, kept)]);
    const room = widthCharacters - widthOf(rest) - GAP.length;
    if (room >= Math.min(widthOf(task), TASK_LEAST_CHARACTERS)) return joined([fitted(task, room, "middle"), rest]);
  }
  return fitted(joined([task, counts, time]), widthCharacters);
}

/**
 * The final lines of a task: one line if everything fits. Otherwise there is no bar and no rate, but every measured
 * value.
 */
export function finishedLines(state: TaskState, widthCharacters: number): string[] {
  const parts = partsOf(state);
  const whole = wholeLine(state, parts, widthCharacters);
  if (whole !== undefined) return [whole];
  const lines: string[] = [];
  for (const part of [parts.task, parts.counts, parts.time, ...parts.details]) {
    const longer = lines.length > 0 ? joined([lines.at(-1)!, part]) : part;
    if (lines.length > 0 && widthOf(longer) > widthCharacters) lines.push(INDENT + part);
    else lines[Math.max(0, lines.length - 1)] = longer;
  }
  return lines.map((line) => fitted(line, widthCharacters, "middle"));
}

/** The line for a log file: no bar, any length. */
export function logLine(state: TaskState): string {
  const { done, total, unit } = state.progress;
  const { task, rate, time, details } = partsOf(state);
  const counts = total > 0 ? `${count(done)}/${count(total)} ${unit}` : `${count(done)} ${unit}`;
  return joined([task, counts, rate, time, ...details]);
}

/** The parts of a line, without control characters. */
interface Parts {
  readonly task: string;
  readonly counts: string;
  readonly rate: string;
  readonly time: string;
  /** One measured value per text, for example "loss 0.4120". */
  readonly details: readonly string[];
}

function partsOf(state: TaskState): Parts {
  const { task, done, total, unit, details = [] } = state.progress;
  return {
    task: visible(task).trim(),
    counts: total > 0 ? `${count(done).padStart(count(total).length)}/${count(total)}` : `${count(done)} ${unit}`,
    rate: rateText(state),
    time: timeText(state),
    details: details.map((detail) => visible(detail).trim()),
  };
}

/** One line with everything except, if space is short, the bar and the rate; undefined if that does not fit. */
function wholeLine({ progress }: TaskState, parts: Parts, widthCharacters: number): string | undefined {
  const { task, counts, rate, time, details } = parts;
  const { done, total } = progress;
  for (const shownRate of total > 0 ? [rate, ""] : []) {
    const room = widthCharacters - widthOf(joined([task, counts, "[]", shownRate, time, ...details])) + 1;
    if (room < BAR_LEAST_CHARACTERS) continue;
    const bar = barOf(done / total, Math.min(BAR_MOST_CHARACTERS, room));
    return joined([task, `${counts} ${bar}`, shownRate, time, ...details]);
  }
  return [rate, ""]
    .map((shownRate) => joined([task, counts, shownRate, time, ...details]))
    .find((line) => widthOf(line) <= widthCharacters);
}

/** Whether the task is complete. */
export function isComplete({ done, total }: ShownProgress): boolean {
  return total > 0 && done >= total;
}

/** "0:21", "12:03" or "1:02:03". */
export function clockText(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number): string => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A bar as in Keras: "[=====>.....]", with `length` characters between the brackets. */
function barOf(share: number, length: number): string {
  const filled = Math.max(0, Math.min(length, Math.floor(share * length)));
  if (filled === length) return `[${"=".repeat(length)}]`;
  return `[${"=".repeat(filled)}>${".".repeat(length - filled - 1)}]`;
}

function unitsPerSecond({ progress, elapsedSeconds, doneAtStart }: TaskState): number {
  return elapsedSeconds > 0 ? Math.max(0, progress.done - doneAtStart) / elapsedSeconds : 0;
}

function rateText(state: TaskState): string {
  const rate = unitsPerSecond(state);
  return rate > 0 ? `${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))} ${state.progress.unit}/s` : "";
}

/** The remaining time; after the end, the elapsed time. */
function timeText(state: TaskState): string {
  const { done, total } = state.progress;
  if (total <= 0 || isComplete(state.progress)) return clockText(state.elapsedSeconds);
  const rate = unitsPerSecond(state);
  return rate > 0 ? `ETA ${clockText((total - done) / rate)}` : "";
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(GAP);
}
