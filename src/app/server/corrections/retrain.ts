/**
 * From corrections to a better model: a chain of jobs that makes the corrected dataset, trains on it as a chosen run was
 * trained, evaluates, and compares with the run. The chain goes on without the page.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readRun, runSchema } from "../../../artifacts/run_folder.ts";
import { FREE, fixedSettings } from "../../../options/training/settings.ts";
import { completeSettings, requireKnownSettings } from "../../../options/training/stored_settings.ts";
import { UserError } from "../../../util/errors.ts";
import type { retrainBody } from "../../api/corrections.ts";
import type { DatasetItem, RunItem } from "../../api/items.ts";
import type { JobBody, JobFacts } from "../../api/jobs.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Starts the chain. Unless `correctTest` is given, test cases are not corrected, so that both models are measured on
 * the same labels. Otherwise the comparison leaves out the cases that were corrected.
 * @returns the jobs, in their order; the last one compares
 * @throws UserError if the run was not trained on the dataset, or a name is taken.
 */
export async function startRetraining(
  dataset: DatasetItem,
  body: z.output<typeof retrainBody>,
  { jobs, workspace }: { readonly jobs: Jobs; readonly workspace: Workspace },
): Promise<readonly JobFacts[]> {
  const run = await workspace.item("run", body.run);
  if (run.dataset !== dataset.id) {
    throw new UserError("dataset-mismatch", `${run.path} was not trained on ${dataset.path}: choose another run.`);
  }
  if (!run.hasModel) throw new UserError("run-unfinished", `${run.path} has no model yet: wait until it has one.`);
  const settings = await settingsOf(workspace, run);
  const before = await evaluationOf(workspace, dataset, run);
  await requireFree(workspace, [body.dataset, body.out]);
  const started: JobFacts[] = [];
  const start = async (verb: JobBody["verb"], options: JobBody["options"]): Promise<{ readonly job: string }> => {
    const after = started.at(-1)?.id;
    const job = await jobs.start({ verb, options, ...(after === undefined ? {} : { after }) });
    started.push(job);
    return { job: job.id };
  };
  const corrected = await start("correct", {
    dataset: dataset.id,
    journal: dataset.id,
    out: body.dataset,
    correctTest: body.correctTest,
  });
  const first = before ?? (await start("evaluate", { model: run.id, out: `${body.out}-before` }));
  const trained = await start("train", { dataset: corrected, out: body.out, ...settings });
  await start("evaluate", { model: trained });
  await start("compare", { runs: [first, trained] });
  return started;
}

const storedSchema = runSchema.extend({
  model: z.string(),
  recipe: z.string(),
  device: z.string(),
  engine: z.string(),
  options: z.looseObject({ plot: z.string().optional() }),
});

/** The settings of a run, all of them, so that no default changes one; without what changes no result. */
async function settingsOf(workspace: Workspace, run: RunItem): Promise<Record<string, unknown>> {
  const folder = await workspace.pathOf(run);
  const { model, recipe, device, engine, options: written } = await readRun(folder, storedSchema);
  const { plot: _, ...options } = written;
  requireKnownSettings(options, { what: `the run ${run.path}`, restart: "train a new run" });
  const all = fixedSettings.parse({ ...(completeSettings(options) as object), model, recipe, device, engine });
  return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in FREE)));
}

/** The id of the run's evaluation of the dataset's test split; undefined if there is none. */
async function evaluationOf(workspace: Workspace, dataset: DatasetItem, run: RunItem): Promise<string | undefined> {
  return (await workspace.items()).find(
    (item) =>
      item.kind === "evaluation" &&
      item.problem === undefined &&
      item.run === run.id &&
      item.split === "test" &&
      item.datasetSha256 === dataset.manifestSha256,
  )?.id;
}

/** @throws UserError if one of the names exists. */
async function requireFree({ root }: Workspace, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const isTaken = await stat(join(root, name)).then(
      () => true,
      () => false,
    );
    if (isTaken) throw new UserError("output-exists", `${name} exists in the studio's folder: choose a new name.`);
  }
}
