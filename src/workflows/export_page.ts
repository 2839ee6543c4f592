/**
 * The command "export" with --page: writes a folder that any static web server can serve, with a page that classifies
 * images with the model in the browser. page_files.ts has the files.
 */
import { join } from "node:path";
import { recordSideOf } from "../artifacts/model_card.ts";
import { openForwardModel } from "../artifacts/open_forward.ts";
import { type ModelFile, openModelFile, readModelFile } from "../artifacts/open_model.ts";
import { locateModel } from "../artifacts/run_folder.ts";
import { recordBytes } from "../histology/dataset/record.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type ExportOptions, exportOptions, exportOutputOf } from "../options/export.ts";
import type { ExportPageResult } from "../reports/conversion/report.ts";
import { writeFileAtomically } from "../system/files.ts";
import { fillFolder, requireFreeFolder } from "../system/output_folder.ts";
import { ownKernels } from "../system/own_files.ts";
import { RandomStream } from "../system/random.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { WebAssembly } from "../util/web_assembly.ts";
import { pageFiles } from "./page_files.ts";

export type { ExportPageResult };

const CHECKED_PATCHES = 64;
/**
 * Allows for float32 rounding in a different order of operations. In the package's models that is 1e-6; in a model that
 * was trained for one epoch on few patches, sums that cancel each other leave up to 4e-5.
 */
const TOLERANCE = 2e-4;

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
      `The page's answers differ from those of ${location.place} by ${largestDifference.toExponential(1)}: nothing was written, please report this.`,
    );
  }
  const files = await pageFiles({ name: location.name, bytes: model.bytes });
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

/** Runs the model with the page's inference and with ONNX Runtime. @throws UserError if either cannot run it */
async function largestDifferenceOf(model: ModelFile, signal: AbortSignal): Promise<number> {
  const kernels = new WebAssembly.Module(ownKernels("engine/inference"));
  const { forward } = openForwardModel(model.bytes, kernels, model.place);
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
