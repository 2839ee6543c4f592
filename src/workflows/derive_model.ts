/** Makes a new model file from an existing model and a dataset: the common part of "calibrate" and "add-context". */
import { type ModelFile, readModelFile } from "../artifacts/open_model.ts";
import { datasetFolder, locateModel } from "../artifacts/run_folder.ts";
import type { SessionOptions } from "../engine/runtime/session.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { datasetPaths } from "../histology/dataset/description_file.ts";
import { threadsOf } from "../options/thread_count.ts";
import { publishFile, requireOutputFile } from "../system/output_file.ts";
import type { Context } from "../util/context.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";

/** The options that both commands have. */
interface DerivingOptions {
  readonly model: string;
  readonly dataset?: string | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly threads?: number | undefined;
}

/** The inputs for a new model file. */
export interface ModelSource {
  readonly model: ModelFile;
  readonly dataset: Dataset;
  readonly session: SessionOptions;
}

/**
 * Writes the file that `make` returns to `--out`, and returns the result with the names of the files.
 * @throws UserError if the model, the dataset or the output file is not usable; whatever `make` throws. Then nothing is
 *   written.
 */
export async function deriveModel<R extends object>(
  options: DerivingOptions,
  { reporter, signal }: Context,
  make: (source: ModelSource) => Promise<{ readonly file: Uint8Array; readonly result: R }>,
) {
  const location = await locateModel(options.model);
  const folder = datasetFolder(options, location);
  const output = { path: options.out, flag: "--out", overwrite: options.overwrite };
  await requireOutputFile(output, [location.modelPath, ...datasetPaths(folder)], reporter.warn.bind(reporter));
  return withDataset(folder, signal, async (dataset) => {
    const model = await readModelFile(location);
    const { file, result } = await make({ model, dataset, session: { threads: threadsOf(options) } });
    signal.throwIfAborted();
    await publishFile(output, file);
    return { model: options.out, dataset: dataset.folder, ...result, notice: RESEARCH_USE_NOTICE };
  });
}
