/** The folds of a cross-validation as a work of units, one per fold. */
import { join, resolve, sep } from "node:path";
import { type CrossvalidationDescription, foldName, readDescription } from "../../artifacts/crossvalidation_folder.ts";
import { type Dataset, openDataset } from "../../histology/dataset/dataset.ts";
import { foldOf } from "../../histology/dataset/folds.ts";
import { shownPath } from "../../system/paths.ts";
import type { WorkDescription } from "../../units/description.ts";
import { folderResults } from "../../units/folder_results.ts";
import { insideRoot } from "../../units/inside.ts";
import { folderOf } from "../../units/open_results.ts";
import { UNITS_FOLDER } from "../../units/parts.ts";
import type { Results } from "../../units/results.ts";
import type { Unit, Work } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import type { Numbered } from "../../util/reporter.ts";
import type { FreeSettings } from "../complete_run.ts";
import { requireSameDataset } from "../training/resume_rules.ts";
import { foldDetailsOf, requireSameFacts } from "./describe.ts";
import { type FinishedFold, readFinishedFold } from "./finished_fold.ts";
import { openFold } from "./fold.ts";

export type CrossvalidationWork = Work<Unit, FinishedFold>;

/** What the folds are made from. */
export interface FoldSource {
  readonly folder: string;
  readonly description: CrossvalidationDescription;
  /** Is closed with the work. */
  readonly dataset: Dataset;
  /** Settings of this process, on which no byte depends. */
  readonly free?: Partial<FreeSettings>;
}

/** The work of a cross-validation. Each fold reports its start once. */
export function crossvalidationWork({ folder, description, dataset, free }: FoldSource): CrossvalidationWork {
  const { seed, folds: cases, options: settings } = description;
  const units = cases.map((_, place) => ({ name: foldName(place) }));
  const started = new Set<string>();
  return {
    verb: "crossvalidate",
    results: folderResults(folder),
    units,
    async read({ name }, { signal }) {
      const place = units.findIndex((unit) => unit.name === name);
      const origin = { settings, patches: description.dataset.sha256.patches, cases: cases[place]! };
      return readFinishedFold(join(folder, name), origin, signal);
    },
    async open(unit, context) {
      const place = units.findIndex(({ name }) => name === unit.name);
      const fold = foldOf(dataset, { seed, cases }, place);
      const numbered = { number: place + 1, of: cases.length };
      if (!started.has(unit.name)) {
        started.add(unit.name);
        const { train, val, test } = fold.description.counts;
        const sizes = { train_cases: train.cases, val_cases: val.cases, test_cases: test.cases };
        context.reporter.event({ event: "fold", status: "started", ...numbered, ...sizes });
      }
      const { name } = unit;
      const work = { fold, results: folder, name, datasetFrom: description.dataset.folder, settings, free };
      return openFold(work, foldContext(numbered, context));
    },
    recorded: ({ name }, message) => withoutFoldPlaces(message, { folder, name, dataset: dataset.folder }),
    close: async () => dataset.close(),
  };
}

/**
 * The context for a fold's commands: their reports carry the fold's number. Their events about kept and resumable work
 * are dropped, because the cross-validation reports its own.
 */
export function foldContext(fold: Numbered, { reporter, signal }: Context): Context {
  return {
    signal,
    reporter: {
      warn: (sentence) => reporter.warn(`Fold ${fold.number}/${fold.of}: ${sentence}`),
      progress: (progress) => reporter.progress({ ...progress, fold }),
      event(event) {
        if (event.event === "epoch") reporter.event({ ...event, fold });
      },
    },
  };
}

/**
 * An error's sentence with the fold's name instead of the folders of this machine.
 * @param folder of the results
 */
export function withoutFoldPlaces(
  message: string,
  { folder, name, dataset }: { readonly folder: string; readonly name: string; readonly dataset: string },
): string {
  const attempts = join(resolve(folder), UNITS_FOLDER, "parts", name) + sep;
  return message
    .split(attempts)
    .map((text, index) => (index === 0 ? text : name + text.slice(text.search(/[/\\\s]|$/))))
    .join("")
    .replaceAll(join(folder, name), name)
    .replaceAll(dataset, shownPath(dataset));
}

/** The other places of a cross-validation on a machine. */
export interface CrossvalidationPlaces {
  readonly results: Results;
  /** The folder from which on the description names the dataset. */
  readonly root: string;
  readonly threads: number;
}

/**
 * Opens the work of a description in another process, maybe on another machine.
 * @throws UserError if the dataset is not there, or is another one.
 */
export async function openCrossvalidationWork(
  work: WorkDescription,
  { results, root, threads }: CrossvalidationPlaces,
  { signal }: Context,
): Promise<CrossvalidationWork> {
  const folder = folderOf(results);
  const description = await describedIn(folder, work);
  const { dataset_path } = foldDetailsOf(work, folder);
  if (dataset_path === undefined)
    throw new UserError(
      "dataset-missing",
      `The dataset of ${folder} lies outside the root of the work: name another --root.`,
    );
  const dataset = await openDataset(await insideRoot(root, dataset_path, "the dataset"), signal);
  try {
    const begun = { what: `the cross-validation ${folder}`, restart: "start again with --out" };
    requireSameDataset(dataset, description.dataset.sha256, begun);
    return crossvalidationWork({ folder, description, dataset, free: { threads } });
  } catch (error) {
    dataset.close();
    throw error;
  }
}

/**
 * The cross-validation that a work belongs to.
 * @throws UserError if its description does not belong to the engines' description.
 */
export async function describedIn(folder: string, work: WorkDescription): Promise<CrossvalidationDescription> {
  const description = await readDescription(folder);
  requireSameFacts(folder, description, work);
  return description;
}
