/** Small cohorts of patches and datasets of them, and preparing and running verbs without a terminal. */
import { encodePng } from "../../src/histology/image/decode.ts";
import { writeCohort } from "../../src/histology/synthetic/cohort.ts";
import { type PrepareOptions, prepareOptions } from "../../src/options/prepare.ts";
import { prepareLines } from "../../src/reports/dataset/text.ts";
import { eventLines } from "../../src/reports/event_text.ts";
import { RandomStream } from "../../src/system/random.ts";
import { type Reporter, silent } from "../../src/util/reporter.ts";
import { type PrepareResult, prepare } from "../../src/workflows/prepare.ts";
import type { At, Files } from "./folder.ts";
import { rgbPng } from "./png.ts";

/** For a verb that nobody listens to and nobody stops. */
export const context = { reporter: silent, signal: new AbortController().signal };

/** A reporter that keeps what the command line would print of events, and the warnings. */
export function recorder() {
  const lines: string[] = [];
  const warnings: string[] = [];
  const reporter: Reporter = {
    ...silent,
    warn: (line) => void warnings.push(line),
    event: (event) => void lines.push(...eventLines(event)),
  };
  return { reporter, lines, warnings };
}

/** Writes "patches", a cohort of drawn tissue in the Kaggle layout. */
export async function drawCohort(at: At, { seed = 1, cases = 8, patchesPerCase = 12 } = {}): Promise<void> {
  await writeCohort({ folder: at("patches"), seed, cases, patchesPerCase, encodePng });
}

/** Writes "patches", and "dataset", which is prepared from them with the options' defaults. */
export async function drawDataset(at: At, shape?: Parameters<typeof drawCohort>[1]): Promise<void> {
  await drawCohort(at, shape);
  await prepareQuietly({ source: at("patches"), out: at("dataset") });
}

/** `patches` patches of noise in each of `cases` cases, case 900, 901, ...; every third has IDC. */
export function cohort(cases: number, patches: number): Files {
  const files: Files = new Map();
  for (let one = 0; one < cases; one++) {
    for (let i = 0; i < patches; i++) {
      const path = kagglePath(String(900 + one), i, i % 3 === 0 ? 1 : 0);
      files.set(path, randomPng(path));
    }
  }
  return files;
}

/** The path of patch `i` of a case, ten patches per row. */
export function kagglePath(caseId: string, i: number, label: 0 | 1): string {
  const [x, y] = [(i % 10) * 50 + 1, Math.floor(i / 10) * 50 + 1];
  return `${caseId}/${label}/${caseId}_idx5_x${x}_y${y}_class${label}.png`;
}

/** A picture of noise that is the purpose's own. */
export function randomPng(purpose: string, width = 50, height = 50): Buffer {
  const noise = new RandomStream(1, purpose).bytes(width * height * 3);
  return rgbPng(width, height, (index) => noise[index]!);
}

export interface Prepared extends PrepareResult {
  lines: string[];
  warnings: string[];
}

/** Prepares with the options' defaults, and keeps what was said. */
export async function prepareQuietly(
  options: Partial<PrepareOptions> & { source: string; out: string },
): Promise<Prepared> {
  const { reporter, warnings } = recorder();
  const result = await prepare(prepareOptions.parse(options), { ...context, reporter });
  return { ...result, lines: prepareLines(result), warnings };
}
