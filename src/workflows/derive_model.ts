/** Makes a new model file from an existing model and patches: the common part of "calibrate" and "add-context". */
import { type ModelFile, readModelFile } from "../artifacts/open_model.ts";
import { datasetFolder, locateModel, type ModelLocation } from "../artifacts/run_folder.ts";
import { withDataset } from "../histology/dataset/dataset.ts";
import { datasetPaths } from "../histology/dataset/description_file.ts";
import { threadsOf } from "../options/thread_count.ts";
import { publishFile, requireOutputFile } from "../system/output_file.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { unseenPaths } from "./crossvalidation/unseen.ts";
import { casesOfFolds, casesOfSplits, type FittingCases } from "./fitting_cases.ts";

/** The options that both commands have. */
interface DerivingOptions {
  readonly model: string;
  readonly dataset?: string | undefined;
  readonly crossvalidation?: string | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly threads?: number | undefined;
}

/** The inputs for a new model file. */
export interface ModelSource {
  readonly model: ModelFile;
  readonly cases: FittingCases;
}

/**
 * Writes the file that `make` returns to `--out`, and returns the result with the names of the files.
 * @throws UserError if the model, the dataset, the cross-validation or the output file is not usable; whatever `make`
 *   throws. Then nothing is written.
 */
export async function deriveModel<R extends object>(
  options: DerivingOptions,
  context: Context,
  make: (source: ModelSource) => Promise<{ readonly file: Uint8Array; readonly result: R }>,
) {
  const { reporter, signal } = context;
  const location = await locateModel(options.model);
  const source = sourceOf(options, location, context);
  const output = { path: options.out, flag: "--out", overwrite: options.overwrite };
  await requireOutputFile(output, [location.modelPath, ...source.paths], reporter.warn.bind(reporter));
  return source.withCases(async (cases) => {
    const model = await readModelFile(location);
    const { file, result } = await make({ model, cases });
    signal.throwIfAborted();
    await publishFile(output, file);
    return { model: options.out, ...source.named, ...result, notice: RESEARCH_USE_NOTICE };
  });
}

/** Where the patches come from: the files that stay as they are, and how to open them. */
interface Source {
  readonly paths: readonly string[];
  /** The members of the result that name it. */
  readonly named: { readonly dataset: string | null; readonly crossvalidation: string | null };
  withCases<T>(work: (cases: FittingCases) => Promise<T>): Promise<T>;
}

function sourceOf(options: DerivingOptions, location: ModelLocation, context: Context): Source {
  const { signal } = context;
  const { dataset, crossvalidation } = options;
  if (crossvalidation === undefined) {
    const folder = datasetFolder(options, location);
    const session = { threads: threadsOf(options) };
    return {
      paths: datasetPaths(folder),
      named: { dataset: folder, crossvalidation: null },
      withCases: (work) => withDataset(folder, signal, (opened) => work(casesOfSplits(opened, session, context))),
    };
  }
  if (dataset !== undefined) {
    throw new UserError(
      "options-conflict",
      "--dataset and --crossvalidation exclude each other: a cross-validation has the patches and their probabilities; give one of them.",
    );
  }
  return {
    paths: unseenPaths(crossvalidation),
    named: { dataset: null, crossvalidation },
    withCases: async (work) => work(await casesOfFolds(crossvalidation, signal)),
  };
}
