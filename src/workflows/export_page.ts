/**
 * The command "export" with --page: writes a folder that any static web server can serve, with a page that classifies
 * images with the model in the browser. The page itself is built from src/app/page into dist/page.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { recordSideOf } from "../artifacts/model_card.ts";
import { openForwardModel } from "../artifacts/open_forward.ts";
import { type ModelFile, openModelFile, readModelFile } from "../artifacts/open_model.ts";
import { locateModel } from "../artifacts/run_folder.ts";
import { recordBytes } from "../histology/dataset/record.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type ExportOptions, exportOptions, exportOutputOf } from "../options/export.ts";
import type { ExportPageResult } from "../reports/conversion/report.ts";
import { sha256OfBytes, writeFileAtomically } from "../system/files.ts";
import { fillFolder, requireFreeFolder } from "../system/output_folder.ts";
import { RandomStream } from "../system/random.ts";
import { SOFTWARE } from "../system/version.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { WebAssembly } from "../util/web_assembly.ts";

export type { ExportPageResult };

const CHECKED_PATCHES = 64;
/** Allows for float32 rounding in a different order of operations. */
const TOLERANCE = 1e-5;
/** dist/, whether this file runs from src or from dist. */
const BUILT = fileURLToPath(new URL("../../dist/", import.meta.url));
const SERVICE_WORKER = "service-worker.js";
/** Files that the service worker does not keep: index.html is kept under the folder's own address. */
const NOT_KEPT: readonly string[] = [SERVICE_WORKER, "_headers", "index.html"];

/**
 * Writes the page, after comparing its inference with that of "predict" on seeded random patches.
 * @throws UserError if the model or the output folder is not usable, or if the answers differ; nothing is written then.
 */
export async function exportPage(given: ExportOptions, { reporter, signal }: Context): Promise<ExportPageResult> {
  const wanted = exportOutputOf(checkedOptions(exportOptions, given));
  if (wanted.kind === "file") {
    throw new UserError("options-conflict", "exportPage writes a folder: give page, or call exportModel.");
  }
  const location = await locateModel(given.model);
  await requireFreeFolder(wanted.folder, "--page");
  const model = await readModelFile(location);
  const largestDifference = await largestDifferenceOf(model, signal);
  if (!(largestDifference <= TOLERANCE)) {
    throw new UserError(
      "export-inexact",
      `The page's answers differ from those of ${location.place} by ${largestDifference}: nothing was written, please report this.`,
    );
  }
  const files = withServiceWorker({
    ...(await builtPage()),
    "model.onnx": model.bytes,
    "page.json": Buffer.from(`${JSON.stringify({ model: location.name, software: SOFTWARE })}\n`),
  });
  signal.throwIfAborted();
  await fillFolder(wanted.folder, "--page", reporter.warn.bind(reporter), async (folder) => {
    for (const [name, bytes] of Object.entries(files)) await writeFileAtomically(join(folder, name), bytes);
  });
  const { class_names, threshold, neighbourhood } = model.card;
  return {
    folder: wanted.folder,
    model: location.name,
    files: Object.keys(files).sort(),
    bytes: Object.values(files).reduce((sum, { length }) => sum + length, 0),
    class_names,
    threshold,
    uses_neighbours: Boolean(neighbourhood),
    checked_patches: CHECKED_PATCHES,
    largest_difference: largestDifference,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The files of a folder by name. */
type Files = Readonly<Record<string, Uint8Array>>;

/** The page without a model. @throws UserError if it was not built */
async function builtPage(): Promise<Files> {
  const folder = join(BUILT, "page");
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes("index.html")) {
    throw new UserError("installation-damaged", `The page is missing in ${folder}: install cancernet again.`);
  }
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await readFile(join(folder, name))])),
  );
}

/** Puts the list of the files in front of the service worker. The version changes if any byte of any file does. */
function withServiceWorker(files: Files): Files {
  const names = Object.keys(files).sort();
  const version = sha256OfBytes(Buffer.from(names.map((name) => `${name} ${sha256OfBytes(files[name]!)}`).join("\n")));
  const kept = ["./", ...names.filter((name) => !NOT_KEPT.includes(name))];
  const list = `const PAGE = ${JSON.stringify({ version: version.slice(0, 16), files: kept })};\n`;
  return { ...files, [SERVICE_WORKER]: Buffer.concat([Buffer.from(list), files[SERVICE_WORKER]!]) };
}

/** Runs the model with the page's inference and with ONNX Runtime. @throws UserError if either cannot run it */
async function largestDifferenceOf(model: ModelFile, signal: AbortSignal): Promise<number> {
  const kernels = await readFile(join(BUILT, "engine", "inference", "kernels.wasm"));
  const { forward } = openForwardModel(model.bytes, new WebAssembly.Module(kernels), model.place);
  const size = recordBytes(recordSideOf(model.card));
  const patches = new RandomStream(1, "export").bytes(CHECKED_PATCHES * size);
  const { classifier } = await openModelFile(model, { threads: 1 });
  try {
    const { probabilities, logits } = await classifier.classify(CHECKED_PATCHES, (first, count, into) => {
      signal.throwIfAborted();
      into.set(patches.subarray(first * size, (first + count) * size));
    });
    const differences = Array.from(probabilities, (probability, patch) => {
      const own = forward(patches.subarray(patch * size, (patch + 1) * size));
      const logit = logits[patch]!;
      return Math.max(
        Math.abs(own.probability - probability),
        Math.abs(own.logit - logit) / Math.max(1, Math.abs(logit)),
      );
    });
    return Math.max(...differences);
  } finally {
    await classifier.close();
  }
}
