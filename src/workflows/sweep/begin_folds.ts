/** Makes the folders of a sweep's settings and seeds ordinary cross-validations, before their first folds. */

import { join } from "node:path";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { crossvalidateOptions } from "../../options/crossvalidate.ts";
import { readWork } from "../../units/description.ts";
import { folderResults } from "../../units/folder_results.ts";
import type { Context } from "../../util/context.ts";
import { silent } from "../../util/reporter.ts";
import { beginCrossvalidation } from "../crossvalidation/begin.ts";
import { describeFolds } from "../crossvalidation/describe.ts";
import { rowsOfWork, type Sweep, settingsOfWork } from "./describe.ts";

/**
 * Writes the descriptions of every row's cross-validation, unless they are there.
 * @param root the folder from which on workers find the dataset
 * @throws UserError if a folder holds something else.
 */
export async function beginFolds(
  folder: string,
  sweep: Sweep,
  dataset: Dataset,
  root: string | undefined,
  { signal }: Context,
): Promise<void> {
  const { facts, details, units } = sweep;
  for (const row of rowsOfWork(units)) {
    signal.throwIfAborted();
    const own = join(folder, row.name);
    if ((await readWork(folderResults(own))) !== undefined) continue;
    const { threads, checkpointEvery, engine } = settingsOfWork(row.units[0]!, sweep);
    const options = crossvalidateOptions.parse({
      ...row.options,
      dataset: details.dataset,
      out: row.name,
      folds: facts.folds,
      seed: row.seed,
      device: facts.device,
      engine,
      threads,
      checkpointEvery,
      // Several shards may begin the same folder.
      shard: "1/1",
    });
    const description = await beginCrossvalidation(own, dataset, options, { signal, reporter: silent });
    await describeFolds(own, description, { dataset: dataset.folder, root });
  }
}
