/** Lays out one line of progress within a given width; when it is drawn is terminal_reporter.ts's decision. */
import type { Progress } from "../../util/reporter.ts";

const BAR_MOST_CHARACTERS = 30;
const BAR_LEAST_CHARACTERS = 8;

/** How a task is going. */
export interface TaskState {
  progress: Progress;
  /** Seconds since its first report. */
  elapsedSeconds: number;
  /** How far it was at its first report, as work done before a resumption tells nothing about the speed. */
  doneAtStart: number;
}

/**
 * One line, at most `widthCharacters` long. Where room is short, the bar shrinks, then the rate goes, then the bar, then
 * the end of the line.
 */
export function progressLine(state: TaskState, widthCharacters: number): string {
  const { done, total, unit } = state.progress;
  const task = plain(state.progress.task);
  const detail = plain(state.progress.detail ?? "");
  if (total <= 0) {
    return fit([task, `${count(done)} ${unit}`, rateText(state), timeText(state), detail], widthCharacters);
  }
  const counts = `${count(done).padStart(count(total).length)}/${count(total)}`;
  const rate = rateText(state);
  const time = timeText(state);
  for (const shownRate of [rate, ""]) {
    const room = widthCharacters - joined([task, counts, "[]", shownRate, time, detail]).length + 1;
    if (room >= BAR_LEAST_CHARACTERS) {
      const bar = barOf(done / total, Math.min(BAR_MOST_CHARACTERS, room));
      return fit([task, `${counts} ${bar}`, shownRate, time, detail], widthCharacters);
    }
  }
  const everything = joined([task, counts, rate, time, detail]);
  return everything.length <= widthCharacters ? everything : fit([task, counts, time, detail], widthCharacters);
}

/** The line for a log file: no bar, as long as it needs to be. */
export function logLine(state: TaskState): string {
  const { task, done, total, unit, detail = "" } = state.progress;
  const counts = total > 0 ? `${count(done)}/${count(total)} ${unit}` : `${count(done)} ${unit}`;
  return joined([plain(task), counts, rateText(state), timeText(state), plain(detail)]);
}

/** Whether the task has reached its end. */
export function isComplete({ done, total }: Progress): boolean {
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
  return parts.filter((part) => part !== "").join("  ");
}

function fit(parts: readonly string[], widthCharacters: number): string {
  const line = joined(parts);
  return line.length <= widthCharacters ? line : `${line.slice(0, Math.max(0, widthCharacters - 1))}…`;
}

/** Without line ends and control characters, which would break the line. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}
