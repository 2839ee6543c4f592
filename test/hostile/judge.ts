/** The one judge of the software's conduct with hostile input, and what an input is; making inputs is the corpus's work. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A folder of its own for one input, and the paths in it. */
export interface Place {
  readonly folder: string;
  /** The path of a file that the input brings along. */
  at(...names: string[]): string;
  /** The output folder, which does not exist yet. */
  readonly out: string;
}

/** What may come of an input: a refusal in one sentence, a result, or either. */
export type Expectation = "refused" | "result" | "either";

/** Files by their path below the input's folder; null is an empty folder. */
export type Brought = Readonly<Record<string, Uint8Array | string | null>>;

/** One input: files, and what is done with them. */
export interface HostileInput {
  readonly name: string;
  readonly expect: Expectation;
  readonly files?: () => Brought;
  /** More that files cannot say, such as links. */
  readonly setUp?: (place: Place) => void;
  /** The command line. */
  readonly args: (place: Place) => string[];
  /** A quicker way to the same door, inside this process; without it the command line itself is run there. */
  readonly run?: (place: Place) => Promise<unknown>;
  /** What the sentence must say. */
  readonly sentence?: RegExp;
  /** Throws where the result (of `run`, else the text on stdout) is wrong. */
  readonly check?: (result: unknown, place: Place) => void | Promise<void>;
  /** Also through the real program, as a child process. */
  readonly sample?: boolean;
}

/** How it ended. */
export interface Outcome {
  readonly exitCode: number | null;
  /** All of stderr. */
  readonly told: string;
  readonly milliseconds: number;
  /** Peak resident memory of a process of its own; absent if it shared one. */
  readonly peakMegabytes?: number;
}

/** Nothing may take longer, however slow the machine: a hang is what is looked for. */
export const MOST_MILLISECONDS = 30_000;
/** A child process with Node, ONNX Runtime and the codecs takes some 150 MB before it has read a byte. */
export const MOST_MEGABYTES = 900;
const LONGEST_SENTENCE = 1200;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** All paths below a folder with their kinds and sizes: what must not change. */
export function listing(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${entry.isFile() ? statSync(path).size : entry.isDirectory() ? "folder" : "other"}`;
    })
    .sort();
}

/**
 * Judges an outcome: it ended in time, in bounds, with the expected exit code; a refusal is one sentence without a stack
 * or control characters and leaves the folder as it was; a result adds nothing but the output folder.
 * @returns whether it was refused or gave a result.
 */
export function judge(
  { expect, sentence }: HostileInput,
  { exitCode, told, milliseconds, peakMegabytes = 0 }: Outcome,
  { folder, before, out }: { folder: string; before: readonly string[]; out: string },
): "refused" | "result" {
  assert.ok(exitCode === 0 || exitCode === 2, `exit code ${exitCode}:\n${told.slice(0, 3000)}`);
  assert.ok(milliseconds < MOST_MILLISECONDS, `it took ${milliseconds} ms`);
  assert.ok(peakMegabytes < MOST_MEGABYTES, `it took ${peakMegabytes} MB`);
  assert.doesNotMatch(told, CONTROL, "no control characters are sent to the terminal");
  const now = listing(folder);
  const lines = told
    .split("\n")
    .filter(
      (line) =>
        line !== "" &&
        !/^(warning: |Using the options for |Predicting |Finding |Scoring |reading |copying )/.test(line),
    );
  if (exitCode === 0) {
    assert.notEqual(expect, "refused", "it must be refused");
    const kept = now.filter((path) => !path.startsWith(`${out} `) && !path.startsWith(join(out, "/")));
    assert.deepEqual(kept, before, "nothing but the output folder is new");
    return "result";
  }
  assert.notEqual(expect, "result", `it must give a result, but: ${told}`);
  assert.equal(lines.length, 1, `one sentence expected:\n${told.slice(0, 3000)}`);
  const [line] = lines as [string];
  assert.match(line, /^cancernet: .*[.?]\)?$/s, "a sentence");
  assert.ok(line.length <= LONGEST_SENTENCE, `a sentence of ${line.length} characters: ${line.slice(0, 300)}`);
  assert.doesNotMatch(line, /\bat .*:\d+:\d+|\[object|undefined/, "a sentence for people");
  if (sentence) assert.match(line, sentence);
  assert.deepEqual(now, before, "a refusal leaves the folder as it was");
  return "refused";
}
