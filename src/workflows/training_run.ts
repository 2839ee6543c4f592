/** The course of a training: epoch after epoch, each validated, saved, drawn and told. */
import { join, resolve } from "node:path";
import { type EngineChoice, openEngine } from "../engine/engines.ts";
import { debiasStatistics, initialize, type ModelDescription } from "../engine/nn/model.ts";
import type { DeviceName } from "../engine/runtime/devices.ts";
import { RUNTIME_VERSION } from "../engine/runtime/session.ts";
import { DivergenceError, type EpochResult, trainEpoch } from "../engine/training/loop.ts";
import { SCHEDULES } from "../engine/training/schedules.ts";
import type { TrainingEngine } from "../engine/training/step.ts";
import { batchSizes } from "../histology/dataset/batches.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { computeMetrics } from "../metrics/table.ts";
import { UserError } from "../util/errors.ts";
import { writeFileAtomically } from "../util/files.ts";
import { RandomStream } from "../util/random.ts";
import { NODE_VERSION, SOFTWARE } from "../util/version.ts";
import { classifyRows } from "./classify.ts";
import type { Context } from "./context.ts";
import type { DeviceChoice, Trial } from "./device_choice.ts";
import { bestByAuroc } from "./history_plot.ts";
import { modelFile, openModelBytes, RESEARCH_USE_NOTICE } from "./model_file.ts";
import type { Recipe } from "./recipes.ts";
import { type EpochRow, RUN_FILES, writeHistory, writeRun } from "./run_folder.ts";
import { classWeightsOf, imageChanges, trainingBatches } from "./training_data.ts";

/** All that is fixed before the first step. */
export interface TrainingPlan {
  readonly folder: string;
  readonly plotPath: string;
  readonly model: ModelDescription;
  readonly recipe: Recipe;
  readonly recipeName: string;
  readonly dataset: Dataset;
  readonly seed: number;
  readonly threads: number;
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
}

/** The probability at which a patch counts as IDC. */
const THRESHOLD = 0.5;

/**
 * Trains and fills the run's folder; returns the history.
 * @throws UserError where the training diverges, the signal's reason where it is aborted; finished epochs stay.
 */
export async function runTraining(plan: TrainingPlan, context: Context): Promise<EpochRow[]> {
  const { folder, recipe } = plan;
  const facts = describeRun(plan);
  await writeRun(folder, { ...facts, status: "running" });
  const engine = startEngine(plan, plan.device.device);
  const history: EpochRow[] = [];
  try {
    for (let epoch = 0; epoch < recipe.epochs; epoch++) history.push(await runEpoch(plan, engine, history, context));
  } catch (error) {
    await writeRun(folder, { ...facts, status: context.signal.aborted ? "interrupted" : "failed" });
    tellWhatIsKept(plan, history, context);
    throw error instanceof DivergenceError ? divergence(error) : error;
  } finally {
    await engine.close();
  }
  const best = bestByAuroc(history)!;
  await writeRun(folder, { ...facts, status: "finished", best_epoch: best.epoch, val_auroc: best.valAuroc });
  tellWhatIsKept(plan, history, context);
  context.reporter.info(`Evaluate it on the test split with: cancernet evaluate ${folder}`);
  return history;
}

/** Everything that fixes the result, for run.json. */
function describeRun({
  model,
  recipe,
  recipeName,
  dataset,
  seed,
  threads,
  device,
  engine,
}: TrainingPlan): Record<string, unknown> {
  const { sha256, counts } = dataset.description;
  return {
    software: { cancernet: SOFTWARE, node: NODE_VERSION, onnxruntime: RUNTIME_VERSION },
    model: model.name,
    recipe: recipeName,
    options: { ...recipe, seed, threads },
    ...engine,
    device: device.device,
    device_reason: device.reason,
    class_weights: classWeightsOf(dataset, recipe.classWeights),
    dataset: { folder: resolve(dataset.folder), sha256, counts },
    notice: RESEARCH_USE_NOTICE,
  };
}

type EnginePlan = Pick<TrainingPlan, "model" | "recipe" | "seed" | "threads" | "engine">;

function startEngine({ model, recipe, seed, threads, engine }: EnginePlan, device: DeviceName): TrainingEngine {
  const options = {
    model,
    imageSize: [RECORD_SIZE_PIXELS, RECORD_SIZE_PIXELS],
    optimizer: recipe.optimizer,
    weightDecay: recipe.weightDecay,
    dropout: true,
    ...imageChanges(recipe.augment),
  } as const;
  return openEngine(engine.engine, options, initialize(model, seed), { threads, device });
}

/** Steps of this training on a device, to time it: its first batch again and again. */
export function trialOf(plan: EnginePlan & Pick<TrainingPlan, "dataset">, device: DeviceName): Trial {
  const { dataset, recipe, seed } = plan;
  const engine = startEngine(plan, device);
  const classWeights = classWeightsOf(dataset, recipe.classWeights);
  const batches = trainingBatches({ ...recipe, dataset, classWeights, seed }, dataset.indicesOf("train"), 0);
  const batch = batches.next().value!;
  const random = new RandomStream(seed, "trial");
  const randomBytes = (length: number) => random.bytes(length);
  return {
    run: () => engine.step({ ...batch, randomBytes, learningRate: recipe.learningRate, step: 0 }),
    close: () => engine.close(),
  };
}

/** Trains the next epoch, validates it, saves it with the history. */
async function runEpoch(
  plan: TrainingPlan,
  engine: TrainingEngine,
  history: readonly EpochRow[],
  { reporter, signal }: Context,
): Promise<EpochRow> {
  const { recipe, dataset, seed, folder } = plan;
  const epoch = history.length;
  const indices = dataset.indicesOf("train");
  const stepsPerEpoch = batchSizes(indices.length, recipe.batchSize).length;
  const totalSteps = stepsPerEpoch * recipe.epochs;
  const learningRate = (step: number) => SCHEDULES[recipe.schedule]({ ...recipe, step, stepsPerEpoch, totalSteps });
  const classWeights = classWeightsOf(dataset, recipe.classWeights);
  const task = `Epoch ${epoch + 1}/${recipe.epochs}`;
  const tell = (done: number, detail: string) =>
    reporter.progress({ task, done, total: indices.length, unit: "patches", detail });
  const trained = await trainEpoch({
    engine,
    batches: trainingBatches({ ...recipe, dataset, classWeights, seed }, indices, epoch),
    firstStep: epoch * stepsPerEpoch,
    learningRate,
    seed,
    signal,
    // The epoch is complete, and its line ends, when it has been validated.
    onStep: ({ images, ...now }) => images < indices.length && tell(images, lossText(now)),
  });
  const steps = (epoch + 1) * stepsPerEpoch;
  const file = modelFile(plan.model, debiasStatistics(plan.model, await engine.state(), steps), {
    threshold: THRESHOLD,
    dataset_sha256: dataset.description.sha256.manifest,
    epoch: epoch + 1,
    seed,
    recipe: plan.recipeName,
  });
  const validation = await validate(plan, file);
  const row = {
    epoch: epoch + 1,
    ...trained,
    ...validation,
    learningRate: learningRate(steps - 1),
  };
  await writeFileAtomically(join(folder, RUN_FILES.last), file);
  if (bestByAuroc([...history, row]) === row) await writeFileAtomically(join(folder, RUN_FILES.best), file);
  await writeHistory(folder, [...history, row], {
    path: plan.plotPath,
    title: `${plan.model.name}, ${plan.recipeName} recipe`,
  });
  tell(indices.length, `${lossText(row)}  ${validationText(row)}`);
  return row;
}

/** Loss, accuracy and AUROC on val, computed by the very file that is kept. */
async function validate({ dataset, threads, device: { device } }: TrainingPlan, file: Uint8Array) {
  const { classifier } = await openModelBytes(file, "the trained model", { threads, device });
  try {
    const rows = dataset.indicesOf("val");
    const probabilities = await classifyRows(classifier, dataset, rows);
    const labels = Array.from(rows, (index) => dataset.rows[index]!.label);
    const { log_loss, accuracy, auroc } = computeMetrics(labels, probabilities, THRESHOLD);
    return { valLoss: log_loss.value!, valAccuracy: accuracy.value!, valAuroc: auroc.value! };
  } finally {
    await classifier.close();
  }
}

const lossText = ({ loss, accuracy }: EpochResult) => `loss ${loss.toFixed(4)}  accuracy ${accuracy.toFixed(4)}`;

const validationText = ({ valLoss, valAccuracy, valAuroc }: EpochRow) =>
  `val loss ${valLoss.toFixed(4)}  val accuracy ${valAccuracy.toFixed(4)}  val AUROC ${valAuroc.toFixed(4)}`;

function divergence({ message }: DivergenceError): UserError {
  return new UserError(`The training diverged: ${message}; try a smaller --learning-rate, such as a tenth of it.`);
}

function tellWhatIsKept({ folder }: TrainingPlan, history: readonly EpochRow[], { reporter }: Context): void {
  const best = bestByAuroc(history);
  reporter.info(
    best
      ? `Best epoch by val AUROC: ${best.epoch} of ${history.length} (${best.valAuroc.toFixed(4)}), kept in ${join(folder, RUN_FILES.best)}.`
      : `No epoch was finished, so ${folder} holds no model.`,
  );
}
