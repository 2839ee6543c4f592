/**
 * The command "sweep": trains each setting of a table with each seed, tests all on the same cases, and writes one
 * summary with the differences of the settings. The trainings are units: several processes can share them.
 */
import { join } from "node:path";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type SweepOptions, sweepOptions } from "../options/sweep.ts";
import type { SweepReport, SweepResult, SweepShard } from "../reports/sweep/report.ts";
import { kindOf, makeFolders } from "../system/files.ts";
import { removeLeftovers } from "../system/leftovers.ts";
import { requireFolder, requireFreeFolder } from "../system/output_folder.ts";
import { describeWork, type WorkDescription } from "../units/description.ts";
import { gatherUnits, withWorkLock } from "../units/finish.ts";
import { folderResults } from "../units/folder_results.ts";
import { UNITS_FOLDER } from "../units/parts.ts";
import { QUEUE_WORKS_ON, requireEngine, runUnits } from "../units/run.ts";
import type { Context } from "../util/context.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { beginFolds } from "./sweep/begin_folds.ts";
import {
  type CheckedSweepOptions as Checked,
  requireSameRows,
  rowsOfWork,
  type Sweep,
  sweepOf,
} from "./sweep/describe.ts";
import { gatherSweep } from "./sweep/gather.ts";
import { type DescribedSweep, planSweep } from "./sweep/plan.ts";
import { sweepWork } from "./sweep/work.ts";

export type { SweepReport, SweepResult, SweepShard };

const LOCK = "sweep.lock";

/** Options with which this process does all trainings. */
type AllRows = SweepOptions & { readonly shard?: undefined };

/**
 * Trains each setting of the table with each seed, and evaluates on the test split, or cross-validates with `folds`. If
 * a training fails, the others are still done, and the result contains its error. The same call goes on after an
 * interruption. With `shard` only some trainings are done, and "gather" writes the summary.
 * @throws UserError if the table, the dataset or the folder is not usable.
 */
export async function sweep(given: AllRows, context: Context): Promise<SweepResult>;
export async function sweep(given: SweepOptions, context: Context): Promise<SweepResult | SweepShard>;
export async function sweep(given: SweepOptions, context: Context): Promise<SweepResult | SweepShard> {
  const options = checkedOptions(sweepOptions, given);
  const { out: folder } = options;
  await requireFolder(folder);
  await requireEngine(options, folder);
  if ((await kindOf(join(folder, UNITS_FOLDER))) !== "folder") await requireFreeFolder(folder);
  return withDataset(options.dataset, context.signal, async (dataset) => {
    const plan = await planSweep(dataset, options, context);
    await makeFolders(folder);
    const description = await describeWork(folderResults(folder), plan.work);
    const begun = sweepOf(folder, description);
    requireSameRows(folder, begun.units, plan.units);
    return finish({ folder, dataset, description, begun, plan }, options, context);
  });
}

/** A sweep in progress. */
interface Begun {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly description: WorkDescription;
  readonly begun: Sweep;
  readonly plan: DescribedSweep;
}

/** Does the trainings of this process. Writes the summary unless other shards are not done. */
async function finish(work: Begun, options: Checked, context: Context): Promise<SweepResult | SweepShard> {
  const { folder, description, plan } = work;
  const { shard, queue } = options;
  try {
    if (shard !== undefined) {
      const { units, failed } = await doRows(work, options, context);
      return { folder, shard, units, failed, notice: RESEARCH_USE_NOTICE };
    }
    return await withWorkLock(folder, LOCK, options, async () => {
      await doRows(work, options, context);
      const results = folderResults(folder);
      return gatherUnits(results, description, () => gatherSweep(results, description, context, plan.baseline));
    });
  } catch (error) {
    if (context.signal.aborted) {
      const kept =
        queue === undefined
          ? "trainings that are done are skipped, and the current one goes on from its last checkpoint"
          : QUEUE_WORKS_ON;
      context.reporter.event({ event: "resumable", command: null, kept });
    }
    throw error;
  }
}

/** What became of the units of this process. */
interface Done {
  readonly units: string[];
  readonly failed: Record<string, string>;
}

async function doRows({ folder, dataset, begun }: Begun, options: Checked, context: Context): Promise<Done> {
  const { reporter } = context;
  for (const place of [folder, join(folder, UNITS_FOLDER)]) await removeLeftovers(place, (line) => reporter.warn(line));
  if (begun.facts.folds !== undefined) await beginFolds(folder, begun, dataset, options.root, context);
  const { threads = begun.details.threads, checkpointEvery = begun.details.checkpoint_every } = options;
  const work = sweepWork({ folder, sweep: begun, dataset, free: { threads, checkpointEvery } });
  const rows = new RowProgress(begun, context);
  const done: Done = { units: [], failed: {} };
  await runUnits(work, options, context, (unit, { error, wasDone }) => {
    if (error === undefined) done.units.push(unit.name);
    else done.failed[unit.name] = error;
    rows.became(unit.name, error, wasDone ?? false);
  });
  return done;
}

/** Reports a row when the last of its units is done, and its failure when the first one fails. */
class RowProgress {
  readonly #context: Context;
  readonly #rowOf = new Map<string, { left: number; failed: boolean; wasDone: boolean; report: Report }>();

  constructor({ units }: Sweep, context: Context) {
    this.#context = context;
    const rows = rowsOfWork(units);
    for (const [index, { setting, seed, units: own }] of rows.entries()) {
      const report = { number: index + 1, of: rows.length, setting, seed };
      const row = { left: own.length, failed: false, wasDone: true, report };
      for (const { name } of own) this.#rowOf.set(name, row);
    }
  }

  became(name: string, error: string | undefined, wasDone: boolean): void {
    const row = this.#rowOf.get(name)!;
    row.left--;
    row.wasDone &&= wasDone;
    const { reporter } = this.#context;
    const facts = { event: "row", ...row.report, was_done: row.wasDone } as const;
    if (error !== undefined) {
      row.failed = true;
      reporter.event({ ...facts, status: "failed", error });
    } else if (row.left === 0 && !row.failed) reporter.event({ ...facts, status: "done", error: null });
  }
}

interface Report {
  readonly number: number;
  readonly of: number;
  readonly setting: string;
  readonly seed: number;
}
