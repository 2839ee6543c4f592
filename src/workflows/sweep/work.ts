/** A sweep as a work of units: one per setting and seed, or one per fold of these. */

import { join } from "node:path";
import { type Dataset, openDataset } from "../../histology/dataset/dataset.ts";
import { type Folds, foldOf, foldsOf } from "../../histology/dataset/folds.ts";
import type { WorkDescription } from "../../units/description.ts";
import { folderResults } from "../../units/folder_results.ts";
import { insideRoot } from "../../units/inside.ts";
import { folderOf } from "../../units/open_results.ts";
import type { Results } from "../../units/results.ts";
import type { OpenUnit, Work } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import type { Numbered } from "../../util/reporter.ts";
import type { FreeSettings } from "../complete_run.ts";
import { readFinishedFold } from "../crossvalidation/finished_fold.ts";
import { openFold } from "../crossvalidation/fold.ts";
import { foldContext, withoutFoldPlaces } from "../crossvalidation/work.ts";
import { requireSameDataset } from "../training/resume_rules.ts";
import { rowName, rowsOfWork, type Sweep, type SweepUnit, settingsOfWork, sweepOf } from "./describe.ts";
import { openRun, readFinishedRun } from "./run_unit.ts";

/** What a unit gives: only that it is done. The summary is made from the folders. */
export type SweepWork = Work<SweepUnit, object>;

export interface SweepSource {
  readonly folder: string;
  readonly sweep: Sweep;
  /** Is closed with the work. */
  readonly dataset: Dataset;
  /** Settings of this process, on which no byte depends. */
  readonly free?: Partial<FreeSettings>;
}

/** The work of a sweep. Each row and each fold reports its start once. */
export function sweepWork(source: SweepSource): SweepWork {
  const { folder, sweep, dataset } = source;
  const rows = rowsOfWork(sweep.units);
  const places = new Map(rows.map(({ name }, index) => [name, { number: index + 1, of: rows.length }]));
  const started = new Set<string>();
  const folds = new FoldsBySeed(dataset, sweep.facts.folds);
  const placeOf = ({ setting, seed }: SweepUnit) => places.get(rowName(setting, seed))!;
  return {
    verb: "sweep",
    results: folderResults(folder),
    units: sweep.units,
    async read(unit, { signal }) {
      const { sha256 } = dataset.description;
      const settings = settingsOfWork(unit, sweep);
      const place = join(folder, unit.name);
      if (unit.fold === undefined) return readFinishedRun(place, { settings, sha256 }, signal);
      const cases = folds.of(unit.seed).cases[unit.fold - 1]!;
      return readFinishedFold(place, { settings, patches: sha256.patches, cases }, signal);
    },
    async open(unit, context) {
      const row = placeOf(unit);
      const { setting, seed } = unit;
      const once = (name: string, report: () => void) => {
        if (started.has(name)) return;
        started.add(name);
        report();
      };
      const own = rowContext(row, context);
      once(rowName(setting, seed), () => {
        context.reporter.event({ event: "row", status: "started", ...row, setting, seed });
      });
      const settings = settingsOfWork(unit, sweep);
      const common = { results: folder, name: unit.name, datasetFrom: sweep.details.dataset_from, settings };
      if (unit.fold === undefined) return openRun({ ...common, dataset, free: source.free }, own);
      const fold = foldOf(dataset, folds.of(seed), unit.fold - 1);
      const numbered = { number: unit.fold, of: sweep.facts.folds! };
      once(unit.name, () => {
        const { train, val, test } = fold.description.counts;
        const sizes = { train_cases: train.cases, val_cases: val.cases, test_cases: test.cases };
        own.reporter.event({ event: "fold", status: "started", ...numbered, ...sizes });
      });
      return openFold({ ...common, fold, free: source.free }, foldContext(numbered, own)) as Promise<OpenUnit<object>>;
    },
    recorded: ({ name }, message) =>
      withoutFoldPlaces(message, { folder, name, dataset: dataset.folder }).replaceAll(`${name}/${name}`, name),
    close: async () => dataset.close(),
  };
}

/** The folds of each seed, which are the same for all settings. */
class FoldsBySeed {
  readonly #dataset: Dataset;
  readonly #count: number | undefined;
  readonly #bySeed = new Map<number, Folds>();

  constructor(dataset: Dataset, count: number | undefined) {
    this.#dataset = dataset;
    this.#count = count;
  }

  of(seed: number): Folds {
    const known = this.#bySeed.get(seed) ?? foldsOf(this.#dataset, this.#count!, seed);
    this.#bySeed.set(seed, known);
    return known;
  }
}

/**
 * The context of a row's commands: their reports carry the row's position. Their events about kept and resumable work
 * are dropped, because the sweep reports its own.
 */
function rowContext(row: Numbered, { reporter, signal }: Context): Context {
  return {
    signal,
    reporter: {
      warn: (sentence) => reporter.warn(`Row ${row.number}/${row.of}: ${sentence}`),
      progress: (progress) => reporter.progress({ ...progress, row }),
      event(event) {
        if (event.event === "epoch" || event.event === "fold") reporter.event({ ...event, row });
      },
    },
  };
}

/**
 * Opens the work of a description in another process, maybe on another machine.
 * @throws UserError if the dataset is not there, or is another one.
 */
export async function openSweepWork(
  description: WorkDescription,
  { results, root, threads }: { readonly results: Results; readonly root: string; readonly threads: number },
  { signal }: Context,
): Promise<SweepWork> {
  const folder = folderOf(results);
  const sweep = sweepOf(folder, description);
  const { dataset_path } = sweep.details;
  if (dataset_path === undefined) {
    throw new UserError(
      "dataset-missing",
      `The dataset of ${folder} lies outside the root of the work: name another --root.`,
    );
  }
  const dataset = await openDataset(await insideRoot(root, dataset_path, "the dataset"), signal);
  try {
    requireDatasetOf(folder, sweep, dataset);
    return sweepWork({ folder, sweep, dataset, free: { threads } });
  } catch (error) {
    dataset.close();
    throw error;
  }
}

/** @throws UserError if the dataset is not that of the sweep. */
export function requireDatasetOf(folder: string, { facts }: Sweep, dataset: Pick<Dataset, "folder" | "description">) {
  const begun = { what: `the sweep ${folder}`, restart: "begin again with another --out" };
  requireSameDataset(dataset, { manifest: facts.dataset_sha256, patches: facts.records_sha256 }, begun);
}
