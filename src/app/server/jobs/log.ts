/** Reads the event file of a job as it grows, and keeps what the list of jobs shows. */
import { open, stat } from "node:fs/promises";
import type { JobLine, JobProgress } from "../../api/jobs.ts";

/** A line, and the position after it in the file. */
export interface NumberedLine {
  readonly line: JobLine;
  readonly end: number;
}

/** What the events so far say about the job. */
export interface LogSummary {
  readonly end: "result" | "failed" | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly progress: JobProgress | null;
  /** The words of the command that resumes the work, from its "resumable" event. */
  readonly resume: readonly string[] | null;
  /** The time since the start, of the last event. */
  readonly seconds: number;
}

const NOTHING: LogSummary = { end: null, code: null, message: null, progress: null, resume: null, seconds: 0 };

const BLOCK_BYTES = 1 << 20;
const LONGEST_READ = 64 * BLOCK_BYTES;
/** A longer line is sent without its content; only results are that long, and they are in files too. */
const LONGEST_LINE = 64 * 1024;

export class JobLog {
  readonly #path: string;
  #read = 0;
  #summary = NOTHING;

  constructor(path: string) {
    this.#path = path;
  }

  /** The summary of all complete lines, and the position after them. */
  async summary(): Promise<{ readonly summary: LogSummary; readonly size: number }> {
    for (;;) {
      const { lines, next } = await readLines(this.#path, this.#read);
      if (lines.length === 0) return { summary: this.#summary, size: this.#read };
      for (const { line } of lines) this.#summary = withLine(this.#summary, line);
      this.#read = next;
    }
  }
}

/** Some complete lines from a position on, and the position after them. A last line without its end is left. */
export async function readLines(
  path: string,
  from: number,
): Promise<{ readonly lines: readonly NumberedLine[]; readonly next: number }> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= from) return { lines: [], next: from };
  const file = await open(path, "r");
  try {
    for (let length = BLOCK_BYTES; ; length *= 4) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(length, size - from)), 0, undefined, from);
      const block = buffer.subarray(0, bytesRead);
      const last = block.lastIndexOf(10);
      if (last >= 0) return { lines: linesOf(block.subarray(0, last + 1), from), next: from + last + 1 };
      if (length >= size - from) return { lines: [], next: from };
      // No command writes such a line; what follows is read as if it began here.
      if (length >= LONGEST_READ) return { lines: [], next: from + length };
    }
  } finally {
    await file.close();
  }
}

function linesOf(block: Buffer, from: number): NumberedLine[] {
  const lines: NumberedLine[] = [];
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf(10, start) + 1;
    const line = parsedLine(block.toString("utf8", start, end));
    if (line) lines.push({ line, end: from + end });
    start = end;
  }
  return lines;
}

function parsedLine(text: string): JobLine | undefined {
  try {
    const line = JSON.parse(text) as JobLine;
    if (typeof line !== "object" || line === null || typeof line.event !== "string") return undefined;
    return text.length > LONGEST_LINE ? { event: line.event, seconds: line.seconds } : line;
  } catch {
    // A process that was killed can leave half a line, with the next process's line behind it.
    return undefined;
  }
}

function withLine(so: LogSummary, line: JobLine): LogSummary {
  const next = { ...so, seconds: line.seconds };
  switch (line.event) {
    case "progress":
      return { ...next, progress: line as unknown as JobProgress };
    case "resumable":
      return { ...next, resume: (line.command as readonly string[] | null) ?? null };
    case "result":
      return { ...next, end: "result" };
    case "failed":
      return { ...next, end: "failed", code: String(line.code), message: String(line.message) };
    default:
      return next;
  }
}
