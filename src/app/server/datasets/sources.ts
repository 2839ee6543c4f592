/**
 * The models that have answered the patches of a dataset: the evaluations of one model, and cross-validations, whose
 * answers come from models that were not trained on the patch's case. Only what was computed from exactly this dataset
 * counts.
 */
import { join } from "node:path";
import * as z from "zod";
import { EVALUATION_FILES } from "../../../artifacts/evaluation_folder.ts";
import { SPLITS, type Split } from "../../../histology/dataset/split_names.ts";
import { readDescriptionText } from "../../../system/files.ts";
import { messageOf, UserError } from "../../../util/errors.ts";
import type { AnswerSource } from "../../api/datasets.ts";
import type { CrossvalidationItem, DatasetItem, EvaluationItem, Item } from "../../api/items.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** A source, and the folders whose predictions.csv holds its answers, the newest first. */
export interface LocatedSource extends AnswerSource {
  readonly folders: readonly SourceFolder[];
  /** The SHA-256 of the model's file; null for a cross-validation, which has one per fold. */
  readonly modelSha256: string | null;
  /** From this probability on, the model calls a patch positive. */
  readonly threshold: number;
}

export interface SourceFolder {
  /** In the studio's folder. */
  readonly path: string;
  readonly changed: number;
  readonly confusion: Confusion;
}

const count = z.int().min(0);
const confusion = z.object({ tn: count, fp: count, fn: count, tp: count });

type Confusion = z.output<typeof confusion>;

const datasetSchema = z.object({ sha256: z.string(), records_sha256: z.string().optional() });

const evaluationSchema = z.object({
  split: z.enum(SPLITS),
  patches: count,
  confusion,
  threshold: z.number(),
  model: z.looseObject({
    name: z.string().optional(),
    dataset_sha256: z.string().nullable(),
    neighbourhood: z.unknown().optional(),
  }),
  model_sha256: z.string(),
  dataset: datasetSchema,
  command: z.string(),
});

const pooledSchema = z.object({
  patches: count,
  confusion,
  /** Each fold has a threshold of its own. */
  threshold: z.number().default(0.5),
  dataset: datasetSchema,
  command: z.string(),
});

/** Finds the sources of a dataset, the one with the most patches first. */
export async function answerSources(
  workspace: Workspace,
  dataset: DatasetItem,
  recordsSha256: string,
): Promise<LocatedSource[]> {
  const items = await workspace.items();
  const isOf = ({ sha256, records_sha256 = recordsSha256 }: z.output<typeof datasetSchema>) =>
    sha256 === dataset.manifestSha256 && records_sha256 === recordsSha256;
  const unusable: LocatedSource[] = [];
  const reports = await Promise.all(
    items.map(async (item) => {
      if (item.problem !== undefined) return [];
      if (item.kind === "evaluation" && item.datasetSha256 === dataset.manifestSha256) {
        const report = await reportAt(workspace, item, evaluationSchema);
        if (report === undefined) unusable.push(unusableSource(item, [item.split]));
        return report && isOf(report.dataset) ? [{ item, report }] : [];
      }
      return [];
    }),
  );
  const byModel = Map.groupBy(reports.flat(), ({ report }) => report.model_sha256);
  const models = [...byModel.values()].map((own) => modelSource(own, items, dataset));
  const pooled = await Promise.all(
    items.map(async (item) => {
      if (item.kind !== "crossvalidation" || item.auroc === null) return [];
      const report = await reportAt(workspace, item, pooledSchema);
      return report && isOf(report.dataset) ? [pooledSource(item, report)] : [];
    }),
  );
  return [...models, ...pooled.flat(), ...unusable].sort((a, b) => b.patches - a.patches || (a.name < b.name ? -1 : 1));
}

/**
 * The source of that id, or the one made of the item of that id.
 * @throws UserError if there is none.
 */
export function sourceOf(sources: readonly LocatedSource[], id: string): LocatedSource {
  const found = sources.find((one) => one.id === id) ?? sources.find(({ items }) => items.includes(id));
  if (found?.problem !== undefined) throw new UserError("evaluation-damaged", found.problem);
  if (found) return found;
  throw new UserError("item-unknown", "That model has no evaluation of this dataset: evaluate it first.");
}

type Reported = { readonly item: EvaluationItem; readonly report: z.output<typeof evaluationSchema> };

function modelSource(reports: readonly Reported[], items: readonly Item[], dataset: DatasetItem): LocatedSource {
  const newest = reports.toSorted((a, b) => b.item.changed - a.item.changed);
  const { item, report } = newest[0]!;
  const perSplit = SPLITS.flatMap((split) => newest.find((one) => one.report.split === split) ?? []);
  const run = newest.find((one) => one.item.run !== null)?.item.run ?? null;
  const name = items.find(({ id }) => id === run)?.path ?? report.model.name ?? item.path;
  return {
    id: report.model_sha256.slice(0, 16),
    kind: "model",
    name,
    items: [...(run === null ? [] : [run]), ...newest.map((one) => one.item.id)],
    splits: perSplit.map((one) => one.report.split),
    patches: perSplit.reduce((sum, one) => sum + one.report.patches, 0),
    commands: perSplit.map((one) => one.report.command),
    usesNeighbours: report.model.neighbourhood !== undefined,
    isTrainedHere: report.model.dataset_sha256 === dataset.manifestSha256,
    modelSha256: report.model_sha256,
    threshold: report.threshold,
    folders: perSplit.map((one) => ({
      path: one.item.path,
      changed: one.item.changed,
      confusion: one.report.confusion,
    })),
  };
}

function pooledSource(item: CrossvalidationItem, report: z.output<typeof pooledSchema>): LocatedSource {
  const splits: readonly Split[] = SPLITS;
  return {
    id: item.id,
    kind: "crossvalidation",
    name: item.path,
    items: [item.id],
    splits,
    patches: report.patches,
    commands: [report.command],
    usesNeighbours: false,
    isTrainedHere: false,
    modelSha256: null,
    threshold: report.threshold,
    folders: [{ path: item.path, changed: item.changed, confusion: report.confusion }],
  };
}

/** An evaluation of the dataset whose report lacks what the studio needs, such as the hash of its model. */
function unusableSource(item: EvaluationItem, splits: readonly Split[]): LocatedSource {
  return {
    id: item.id,
    kind: "model",
    name: item.path,
    items: [item.id],
    splits,
    patches: 0,
    commands: [],
    usesNeighbours: false,
    isTrainedHere: false,
    problem: `The report of ${item.path} is not one of this version: evaluate again with "cancernet evaluate".`,
    modelSha256: null,
    threshold: Number.NaN,
    folders: [],
  };
}

async function reportAt<S extends z.ZodType>(
  workspace: Workspace,
  item: Item,
  schema: S,
): Promise<z.output<S> | undefined> {
  const place = join(await workspace.pathOf(item), EVALUATION_FILES.report);
  try {
    return schema.safeParse(JSON.parse(await readDescriptionText(place, "the report"))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw new UserError(
      "evaluation-damaged",
      `${item.path} cannot be read (${messageOf(error)}): load the page again.`,
    );
  }
}
