/** Lays out a task's progress within a given width: one line while it runs, all of it at its end; terminal_reporter.ts draws it. */
import { progressTitle, valueTexts } from "../../reports/progress_text.ts";
import type { Progress } from "../../util/reporter.ts";
import { fitted, visible, widthOf } from "../../util/terminal_text.ts";

/** Between the parts of a line, and between the values of a detail. */
const GAP = "  ";
/** Before the second line of what does not fit into one. */
const INDENT = "    ";
const TASK_LEAST_CHARACTERS = 16;
const BAR_MOST_CHARACTERS = 30;
const BAR_LEAST_CHARACTERS = 8;

/** Progress as it is shown. */
export interface ShownProgress {
  /** The task's title. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** The values that the task measures, one text each, such as "loss 0.4120". */
  readonly details?: readonly string[];
}

export function shownProgress(progress: Progress): ShownProgress {
  const { done, total, unit, values } = progress;
  return { task: progressTitle(progress), done, total, unit, details: valueTexts(values) };
}

/** How a task is going. */
export interface TaskState {
  progress: ShownProgress;
  /** Seconds since its first report. */
  elapsedSeconds: number;
  /** How far it was at its first report, as work done before a resumption says nothing about the speed. */
  doneAtStart: number;
}

/**
 * One line, at most `widthCharacters` wide, for a task under way. If room is short, the bar shrinks, then the rate goes, then the
 * bar, then the middle of a long task's name, then the last of the measured values.
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

/** The lines that stay when a task ends: one if all fits into it, else no bar and no rate, but every measured value. */
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

/** The line for a log file: no bar, as long as it needs to be. */
export function logLine(state: TaskState): string {
  const { done, total, unit } = state.progress;
  const { task, rate, time, details } = partsOf(state);
  const counts = total > 0 ? `${count(done)}/${count(total)} ${unit}` : `${count(done)} ${unit}`;
  return joined([task, counts, rate, time, ...details]);
}

/** What a line is made of; the texts hold nothing that a terminal obeys. */
interface Parts {
  readonly task: string;
  readonly counts: string;
  readonly rate: string;
  readonly time: string;
  /** One measured value each, such as "loss 0.4120". */
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

/** Everything but perhaps the bar and the rate on one line; undefined if that does not fit. */
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

/** Whether the task has reached its end. */
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

/** A bar as Keras draws it: "[=====>.....]", `length` characters between the brackets. */
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

/** The time left, or at the end the time taken. */
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
