/**
 * Stores the scores of a slide during scoring, so that an interrupted scoring can resume. The file is sealed and
 * belongs to one scoring.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { kindOf, makeFolders, readBytes, writeFileAtomically } from "../system/files.ts";
import { UserError } from "../util/errors.ts";
import type { ScoreKeeper } from "./score_keeper.ts";

/** The file's name while a slide is being scored. */
export const SCORES_FILE = "scores.part";
/** Time between two saves: an acceptable amount of lost work, and how often a map that grows shows more. */
const MILLISECONDS_BETWEEN = 2_000;
const SEAL_BYTES = 32;

/** The facts that determine a slide's scores. */
export type ScoringFacts = Readonly<Record<string, string | number>>;

/**
 * Opens the score file of a folder. Layout: the facts as a line of JSON, the scores as float32 in the machine's byte
 * order, and the SHA-256 of both. A damaged file is ignored.
 * @throws UserError if the folder contains the scores of another scoring.
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
      await makeFolders(folder);
      const bytes = new Uint8Array(answers.buffer, answers.byteOffset, answers.byteLength);
      await writeFileAtomically(path, Buffer.concat([header, bytes, sealOf(header, bytes)]));
      last = performance.now();
    },
  };
}

/**
 * Copies the scores of an earlier attempt at the same scoring into a folder that has none. Damaged files and those of
 * other scorings are ignored.
 */
export async function takeScores(earlier: readonly string[], folder: string, facts: ScoringFacts): Promise<void> {
  if ((await kindOf(join(folder, SCORES_FILE))) !== "nothing") return;
  for (const other of earlier) {
    const path = join(other, SCORES_FILE);
    const scores = await readScoreFile(other);
    if (JSON.stringify(scores?.facts) !== JSON.stringify(facts)) continue;
    const bytes = await readBytes(path, "the scores").catch(() => undefined);
    if (bytes) return writeFileAtomically(join(folder, SCORES_FILE), bytes);
  }
}

/** The scores of a scoring that is at work or was interrupted. */
export interface PartialScores {
  readonly facts: ScoringFacts;
  /** float32 [rows, columns] as in `ScoreKeeper`. */
  readonly answers: Float32Array;
}

/** The scores in a folder; undefined if there are none, or they are damaged. */
export async function readScoreFile(folder: string): Promise<PartialScores | undefined> {
  const path = join(folder, SCORES_FILE);
  if ((await kindOf(path)) !== "file") return undefined;
  const bytes = await readBytes(path, "the scores");
  const facts = factsOf(bytes);
  const header = Buffer.from(`${JSON.stringify(facts)}\n`);
  const answers = facts && readAnswers(bytes, header, path);
  return answers && { facts, answers };
}

function factsOf(bytes: Uint8Array): ScoringFacts | undefined {
  try {
    return JSON.parse(Buffer.from(bytes.subarray(0, bytes.indexOf(10))).toString()) as ScoringFacts;
  } catch {
    return undefined;
  }
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
