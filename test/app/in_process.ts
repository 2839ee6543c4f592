/** The command line in this process: what it wrote, its exit code, and the small inputs that tests of all verbs share. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { runCommandLine } from "../../src/app/cli/run.ts";
import { TerminalReporter } from "../../src/app/cli/terminal_reporter.ts";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { writeCohort } from "../../src/histology/synthetic/cohort.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { silent } from "../../src/util/reporter.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { archive } from "../engine/keras/files.ts";
import { kerasNetwork } from "../engine/keras/network.ts";
import { cutOut } from "../histology/slide/support/memory_slide.ts";
import { extractor, randomFeatures } from "../workflows/probe/extractors.ts";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What ended it, if it failed. */
  readonly error: unknown;
}

/** Runs cancernet with the arguments. */
export async function cancernet(args: readonly string[], signal = new AbortController().signal): Promise<Ended> {
  const text = { out: "", err: "" };
  const stdout = { write: (part: string) => (text.out += part) };
  const stderr = { write: (part: string) => (text.err += part) };
  const reporter = new TerminalReporter({ stdout, stderr, live: false, nowMilliseconds: () => performance.now() });
  let error: unknown;
  const onError = (thrown: unknown) => {
    error = thrown;
  };
  const surroundings = { commands: COMMANDS, reporter, stdout, signal, folder: process.cwd(), onError };
  const code = await runCommandLine(args, surroundings);
  return { code, error, ...text };
}

/** A path in a folder that holds an input for every verb while the tests run; `more` is made after them. */
export function useInputs(more?: () => Promise<unknown>): (...names: string[]) => string {
  let folder = "";
  const at = (...names: string[]) => join(folder, ...names);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cancernet verbs "));
    await writeCohort({ folder: at("patches"), seed: 1, cases: 8, patchesPerCase: 12, encodePng });
    const context = { reporter: silent, signal: new AbortController().signal };
    await prepare(prepareOptions.parse({ source: at("patches"), out: at("dataset") }), context);
    const card = { dataset_sha256: "0".repeat(64), epoch: 1, seed: 1, recipe: "default" };
    writeFileSync(at("model.onnx"), modelFile({ model: MODELS.compact, arrays: initialize(MODELS.compact, 1) }, card));
    writeFileSync(at("weights.keras"), await archive((await kerasNetwork(MODELS.cancernet, 1)).layers));
    writeFileSync(at("extractor.onnx"), extractor({ shape: ["batch", 3, 12, 12], features: randomFeatures() }));
    const slide = renderSlide({ seed: 2, caseId: "slide", columns: 6, rows: 5, idcShare: 0.4 });
    mkdirSync(at("slides"));
    for (const name of ["one.png", "two.png"]) writeFileSync(at("slides", name), await encodePng(slide));
    writeFileSync(at("patch.png"), await encodePng(cutOut(slide, { x: 100, y: 100, width: 50, height: 50 })));
    await more?.();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return at;
}
