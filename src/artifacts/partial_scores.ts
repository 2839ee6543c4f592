/** Keeps the answers of a scoring under way in a file, so that an interrupted one goes on; the file is sealed, and belongs to one scoring. */
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { kindOf, readBytes, writeFileAtomically } from "../system/files.ts";
import { UserError } from "../util/errors.ts";

/** The file's name while a slide is being scored. */
export const SCORES_FILE = "scores.part";
/** Between two writings: less than anybody minds doing again. */
const MILLISECONDS_BETWEEN = 10_000;
const SEAL_BYTES = 32;

/** What fixes a scoring: the same facts give the same answers. */
export type ScoringFacts = Readonly<Record<string, string | number>>;

/**
 * Layout: the facts as a line of JSON, the answers as float32 in the machine's order, and the SHA-256 of both.
 * @throws UserError if the folder holds the answers of another scoring; damaged ones are left aside.
 */
export async function openScoreFile(folder: string, facts: ScoringFacts): Promise<ScoreKeeper> {
  const path = join(folder, SCORES_FILE);
  const header = Buffer.from(`${JSON.stringify(facts)}\n`);
  const begun =
    (await kindOf(path)) === "file" ? readAnswers(await readBytes(path, "the scores"), header, path) : undefined;
  let last = performance.now();
  return {
    begun,
    async keep(answers, interrupted) {
      if (!interrupted && performance.now() - last < MILLISECONDS_BETWEEN) return;
      await mkdir(folder, { recursive: true });
      const bytes = new Uint8Array(answers.buffer, answers.byteOffset, answers.byteLength);
      await writeFileAtomically(path, Buffer.concat([header, bytes, sealOf(header, bytes)]));
      last = performance.now();
    },
  };
}

export const removeScoreFile = (folder: string): Promise<void> => rm(join(folder, SCORES_FILE), { force: true });

function readAnswers(bytes: Uint8Array, header: Buffer, path: string): Float32Array | undefined {
  const content = bytes.subarray(0, bytes.length - SEAL_BYTES);
  if (bytes.length < SEAL_BYTES || !sealOf(content).equals(bytes.subarray(-SEAL_BYTES))) return undefined;
  if (!header.equals(content.subarray(0, header.length))) {
    throw new UserError(
      "output-mismatch",
      `${path} belongs to another scoring (another slide, model or setting): choose another folder with --out, or empty this one.`,
    );
  }
  const answers = Uint8Array.from(content.subarray(header.length));
  return new Float32Array(answers.buffer);
}

function sealOf(...content: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of content) hash.update(part);
  return hash.digest();
}

/** Keeps what is scored so far, so that an interrupted scoring can go on. */
export interface ScoreKeeper {
  /** float32 [rows, columns] of an interrupted scoring; NaN for cells that are not scored yet; undefined if none was interrupted. */
  readonly begun: Float32Array | undefined;
  /** Gets the answers so far, often, and at last when the scoring is interrupted. */
  keep(answers: Float32Array, interrupted: boolean): Promise<void>;
}
