/** Runs a training from its last checkpoint: trains, validates, saves, draws and reports epoch after epoch. */
import { join } from "node:path";
import type { Checkpoint, Position, TrainingFacts } from "../../artifacts/checkpoint.ts";
import { type Checkpoints, openCheckpoints } from "../../artifacts/checkpoint_files.ts";
import { UNCALIBRATED } from "../../artifacts/model_card.ts";
import { withFacts } from "../../artifacts/model_file.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { writeRun } from "../../artifacts/run_folder.ts";
import { initialize } from "../../engine/nn/initialize.ts";
import {
  DivergenceError,
  EPOCH_START,
  type EpochResult,
  epochResult,
  requireFinite,
  trainEpoch,
} from "../../engine/training/loop.ts";
import type { TrainingEngine } from "../../engine/training/step.ts";
import { commandWords } from "../../options/command_line.ts";
import { bestByAuroc, type Kept, keptOf } from "../../options/training/keep.ts";
import { trainOptions } from "../../options/training/options.ts";
import { checkpointInterval } from "../../options/training/settings.ts";
import { completeSettings, foreignSetting } from "../../options/training/stored_settings.ts";
import type { KeptModel, TrainResult } from "../../reports/training/report.ts";
import { fileError, writeFileAtomically } from "../../system/files.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { calibrateBy } from "../calibration.ts";
import { classWeightsOf, trainingBatches } from "./batches.ts";
import { describeCases } from "./describe_cases.ts";
import { type EpochModel, epochModel, meanModel, validate } from "./epoch_model.ts";
import { writeHistory } from "./history_files.ts";
import {
  courseOf,
  describeRun,
  factsOf,
  modelOf,
  plotPathOf,
  plotTitle,
  startEngine,
  type TrainingPlan,
} from "./plan.ts";
import { tailMeanAfter, tailMeanFor } from "./tail_mean.ts";

/** A training in progress. */
interface Course {
  readonly plan: TrainingPlan;
  readonly engine: TrainingEngine;
  readonly checkpoints: Checkpoints;
  readonly context: Context;
  /** Whether a checkpoint is due; called exactly once after every step. */
  readonly due: () => boolean;
}

/**
 * Trains from the last checkpoint, or from the start if there is none, and fills the run's folder.
 * @throws UserError if the training diverges or a file cannot be written, the signal's reason if it is aborted. The
 *   last checkpoint is kept in all cases.
 */
export async function runTraining(plan: TrainingPlan, context: Context): Promise<TrainResult> {
  const { folder, settings } = plan;
  const { reporter, signal } = context;
  const checkpoints = await openCheckpoints(folder, (line) => reporter.warn(line));
  const saved = checkpoints.last ?? startOf(plan);
  requireSameFacts(saved, factsOf(plan), folder);
  const start: Checkpoint = { ...saved, tailMean: tailMeanFor(saved, settings) };
  if (checkpoints.last) reporter.event({ event: "resumed", epochs: start.epoch, steps: start.inEpoch.steps });
  const facts = describeRun(plan);
  await writeRun(folder, { ...facts, status: "running" });
  const engine = startEngine(plan, start.arrays);
  const course = { plan, engine, checkpoints, context, due: timer(settings.checkpointEvery) };
  let position: Position = start;
  let kept = keptOf(position.history, settings);
  try {
    if (position.epoch > 0 && position.inEpoch.steps === 0) {
      const { epoch } = position;
      const model = await epochModel(plan, { epoch, arrays: await engine.state() }, signal);
      kept = await publish(course, position, model);
    }
    while (position.epoch < settings.epochs) {
      const end: EpochEnd = await runEpoch(course, position);
      position = end.position;
      kept = await publish(course, position, end.model);
    }
    await describeCases(plan, context);
  } catch (error) {
    // Ignore a failure here (for example a full disk), so that it does not hide why the training ended.
    await writeRun(folder, { ...facts, status: signal.aborted ? "interrupted" : "failed" }).catch(() => {});
    const epochs = position.history.length;
    reporter.event({ event: "kept", folder, epochs, kept: keptModel(plan, kept) });
    if (error instanceof DivergenceError) throw divergence(error);
    const command = commandWords("train", trainOptions, { resume: folder });
    reporter.event({ event: "resumable", command, kept: "the last checkpoint" });
    throw fileError(error, "the training cannot go on", "fix that, and go on with --resume");
  } finally {
    await engine.close();
  }
  const best = bestByAuroc(position.history)!;
  const result = { best_epoch: best.epoch, val_auroc: best.val_auroc, kept };
  await writeRun(folder, { ...facts, status: "finished", ...result });
  return { folder, kept: keptModel(plan, kept), history: position.history };
}

/** The state of a training before its first step. */
function startOf(plan: TrainingPlan): Checkpoint {
  const arrays = initialize(modelOf(plan.settings), plan.settings.seed);
  return { facts: factsOf(plan), epoch: 0, inEpoch: EPOCH_START, history: [], arrays };
}

/**
 * Refuses a checkpoint of another training, even if run.json was edited to match.
 * @throws UserError if a setting differs, or if this version no longer has it.
 */
function requireSameFacts({ facts }: Checkpoint, wanted: TrainingFacts, folder: string): void {
  const { dataset: _, ...settings } = facts;
  const foreign = foreignSetting(settings);
  if (foreign !== undefined) {
    throw new UserError(
      "setting-removed",
      `The checkpoints in ${folder} were made with ${foreign}, which this version does not have: go on with the version that made them.`,
    );
  }
  const made = completeSettings(facts) as TrainingFacts;
  for (const [name, value] of Object.entries(completeSettings(wanted) as TrainingFacts)) {
    if (made[name] === value) continue;
    throw new UserError(
      "run-damaged",
      `The checkpoints in ${folder} were made with ${name} ${made[name]}, but ${RUN_FILES.description} says ${value}: restore it.`,
    );
  }
}

/**
 * Returns a function to call after every step. It returns true if a checkpoint is due: after the given number of steps,
 * or after the given time since the last checkpoint.
 */
function timer(every: string): () => boolean {
  const interval = checkpointInterval(every);
  let steps = 0;
  let last = performance.now();
  return () => {
    steps++;
    const passed = "steps" in interval ? steps >= interval.steps : performance.now() - last >= interval.seconds * 1000;
    if (passed) [steps, last] = [0, performance.now()];
    return passed;
  };
}

interface EpochEnd {
  readonly position: Position;
  readonly model: EpochModel;
}

/** Trains the rest of an epoch, validates it, and saves a checkpoint at its end. */
async function runEpoch(course: Course, position: Position): Promise<EpochEnd> {
  const { plan, engine, context } = course;
  const { settings, dataset } = plan;
  const { reporter, signal } = context;
  const { epoch, history, tailMean } = position;
  const indices = dataset.indicesOf("train");
  const { stepsPerEpoch, learningRate } = courseOf(plan);
  const classWeights = classWeightsOf(dataset, settings.classWeights);
  const show = (done: number, values: Readonly<Record<string, number>>) =>
    reporter.progress({
      task: "epoch",
      number: epoch + 1,
      of: settings.epochs,
      done,
      total: indices.length,
      unit: "patches",
      values,
    });
  let last = position.inEpoch;
  const trained = await trainEpoch({
    engine,
    position: position.inEpoch,
    batches: trainingBatches({ ...settings, dataset, classWeights }, indices, epoch, position.inEpoch.steps),
    firstStep: epoch * stepsPerEpoch,
    learningRate,
    seed: settings.seed,
    signal,
    onStep: async (inEpoch) => {
      last = inEpoch;
      // The progress reaches the end of the epoch only after validation.
      if (inEpoch.images < indices.length) show(inEpoch.images, lossOf(epochResult(inEpoch)));
      if (course.due() || signal.aborted) await save(course, { epoch, inEpoch, history, tailMean });
    },
  });
  const lastStep = (epoch + 1) * stepsPerEpoch - 1;
  const arrays = await engine.state();
  const model = await epochModel(plan, { epoch: epoch + 1, arrays }, signal).catch(async (error: unknown) => {
    // Aborted during validation: save the steps of the epoch, so that only the validation is repeated.
    if (signal.aborted) await save(course, { epoch, inEpoch: last, history, tailMean });
    throw error;
  });
  const validation = validate(dataset, model);
  for (const [name, value] of Object.entries(validation)) {
    if (!Number.isFinite(value)) throw new DivergenceError(`${name} became ${value}`, lastStep, learningRate(lastStep));
  }
  const row = { epoch: epoch + 1, ...trained, ...validation, learning_rate: learningRate(lastStep) };
  const mean = tailMeanAfter(epoch + 1, { before: tailMean, arrays, model: modelOf(settings) }, settings);
  const end = { epoch: epoch + 1, inEpoch: EPOCH_START, history: [...history, row], tailMean: mean };
  await save(course, end);
  show(indices.length, { ...lossOf(row), ...validation });
  reporter.event({ event: "epoch", ...row });
  return { position: end, model };
}

/**
 * Writes a checkpoint. A value that is not finite ends the training instead, because its checkpoint would replace a
 * good one.
 */
async function save({ plan, engine, checkpoints }: Course, position: Position): Promise<void> {
  const { stepsPerEpoch, learningRate } = courseOf(plan);
  const step = position.epoch * stepsPerEpoch + position.inEpoch.steps - 1;
  const arrays = await engine.state();
  requireFinite(arrays, step, learningRate(step));
  await checkpoints.save({ ...position, facts: factsOf(plan), arrays });
}

/**
 * Writes the files of the last finished epoch, and the model that is kept. They depend on its checkpoint only, so they
 * can be written again at any time.
 * @returns what model.onnx now holds; undefined if that file does not exist yet
 */
async function publish(course: Course, position: Position, model: EpochModel): Promise<Kept | undefined> {
  const { plan, context } = course;
  const { epoch, history, tailMean } = position;
  const { folder, dataset, settings } = plan;
  const calibrated = ({ file, probabilities }: EpochModel) =>
    calibrateBy(file, UNCALIBRATED, { dataset, probabilities, rule: settings.threshold });
  const last = calibrated(model);
  await writeFileAtomically(join(folder, RUN_FILES.last), last);
  const isMean = tailMean !== undefined && epoch === settings.epochs;
  const mean = isMean ? await meanModel(plan, { ...tailMean, epoch }, context.signal) : undefined;
  const kept = keptOf(history, settings, mean && validate(dataset, mean).val_auroc);
  if (kept?.epochs.includes(epoch)) {
    await writeFileAtomically(
      join(folder, RUN_FILES.best),
      withFacts(mean ? calibrated(mean) : last, { kept: kept.keep }),
    );
  }
  await writeHistory(folder, history, { path: plotPathOf(plan), title: plotTitle(plan), kept }, context.signal);
  return kept;
}

const lossOf = ({ loss, accuracy }: EpochResult) => ({ loss, accuracy });

function divergence({ message }: DivergenceError): UserError {
  return new UserError(
    "training-diverged",
    `The training diverged: ${message}; train again with a smaller --learning-rate, such as a tenth of it.`,
  );
}

const keptModel = ({ folder }: TrainingPlan, kept: Kept | undefined): KeptModel | null =>
  kept ? { ...kept, model: join(folder, RUN_FILES.best) } : null;
