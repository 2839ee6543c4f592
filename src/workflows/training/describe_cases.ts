/**
 * At the end of a training: describes its cases in the model file, so that evaluations can notice cases that look
 * different, and cases that it knows. docs/evaluate.md says what that shows and what it does not.
 */
import { join } from "node:path";
import { withFacts, withTrainingCases } from "../../artifacts/model_file.ts";
import { modelFileOf } from "../../artifacts/open_model.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { onnxArrays } from "../../engine/graph/read_onnx.ts";
import { buildFeatureGraph, PATCH_FEATURES, PATCHES } from "../../engine/models/inference.ts";
import type { ModelDescription } from "../../engine/nn/model.ts";
import { openGraph } from "../../engine/runtime/node/session.ts";
import type { SessionOptions } from "../../engine/runtime/session.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { PATCH_STATISTICS } from "../../histology/image/patch_statistics.ts";
import { FEWEST_CASES, referenceOf } from "../../metrics/likeness.ts";
import { principalAxes } from "../../metrics/principal_axes.ts";
import { readBytes, writeFileAtomically } from "../../system/files.ts";
import type { Context } from "../../util/context.ts";
import { inTurns } from "../../util/turns.ts";
import { caseMoments, casesOf, PATCHES_PER_CASE } from "../case_statistics.ts";
import { knownPatches } from "../known_patches.ts";
import { modelOf, type TrainingPlan } from "./plan.ts";

/** More axes add little to the statistics of the pixels, and make the limit less certain. */
const FEATURE_AXES = 4;
const BATCH = 32;

/**
 * Writes model.onnx again with patches that it knows and with the reference of the training's cases. It does so from the
 * file alone, so repeating it changes nothing. There is no reference if the training split has too few named cases.
 * @throws the signal's reason if it is aborted.
 */
export async function describeCases({ folder, dataset, settings }: TrainingPlan, context: Context): Promise<void> {
  const path = join(folder, RUN_FILES.best);
  const bytes = await readBytes(path, "the model");
  const { threads, device } = settings;
  const described = await withCasesOf(bytes, { dataset, model: modelOf(settings) }, { threads, device }, context);
  const known_patches = await inTurns(knownPatches(dataset), context.signal);
  await writeFileAtomically(path, withFacts(described ?? bytes, { known_patches }));
}

/**
 * The model file with the reference of the cases of the dataset's training split.
 * @returns undefined if there are too few named cases, or a statistic is the same in all patches
 * @throws the signal's reason if it is aborted.
 */
export async function withCasesOf(
  bytes: Uint8Array,
  { dataset, model }: { readonly dataset: Dataset; readonly model: ModelDescription },
  session: SessionOptions,
  { reporter, signal }: Context,
): Promise<Uint8Array | undefined> {
  const rows = dataset.indicesOf("train");
  const sampled = casesOf(dataset, rows);
  if (sampled.size < FEWEST_CASES) return undefined;
  const positions = [...sampled.values()].flat();
  const raw = await featuresOf(bytes, { dataset, model, rows: positions.map((position) => rows[position]!) }, session, {
    reporter,
    signal,
  });
  const axes = await inTurns(principalAxes(raw, raw.length / positions.length, FEATURE_AXES), signal);
  if (axes === undefined) return undefined;
  const place = new Map(positions.map((position, row) => [position, row]));
  const features = { axes: FEATURE_AXES, data: projected(raw, axes) };
  const steps = caseMoments({ dataset, rows, sampled }, features, (position) => place.get(position)!);
  const reference = referenceOf(await inTurns(steps, signal));
  if (reference === undefined) return undefined;
  const { cases, limit, center, axes: rotation, between } = reference;
  const { views } = modelFileOf(bytes, "the trained model").card;
  return withTrainingCases(
    bytes,
    { model, views, featureAxes: { axes: FEATURE_AXES, data: axes } },
    {
      cases,
      patches_per_case: PATCHES_PER_CASE,
      patch_statistics: [...PATCH_STATISTICS],
      features: FEATURE_AXES,
      center: [...center],
      axes: rotation.map((row) => [...row]),
      between: [...between],
      limit,
    },
  );
}

/** The input of the last layer for each row, float32 [rows, features]. */
async function featuresOf(
  bytes: Uint8Array,
  { dataset, model, rows }: { dataset: Dataset; model: ModelDescription; rows: readonly number[] },
  options: SessionOptions,
  { reporter, signal }: Context,
): Promise<Float32Array> {
  const session = await openGraph(buildFeatureGraph({ model, arrays: onnxArrays(bytes) }), options);
  const { side, recordBytes } = dataset;
  let features = new Float32Array(0);
  try {
    for (let first = 0; first < rows.length; first += BATCH) {
      signal.throwIfAborted();
      const own = rows.slice(first, first + BATCH);
      const data = new Uint8Array(BATCH * recordBytes);
      for (const [place, row] of own.entries()) dataset.read(row, data, place * recordBytes);
      const results = await session.run({ [PATCHES]: { data, shape: [BATCH, side, side, 3] } });
      const found = results[PATCH_FEATURES]!.data as Float32Array;
      const width = found.length / BATCH;
      if (first === 0) features = new Float32Array(rows.length * width);
      features.set(found.subarray(0, width * own.length), first * width);
      const done = first + own.length;
      reporter.progress({ task: "describe-cases", done, total: rows.length, unit: "patches" });
    }
  } finally {
    await session.close();
  }
  return features;
}

/** The rows [n, features] on the axes [features, axes]: [n, axes]. */
function projected(rows: Float32Array, axes: Float32Array): Float64Array {
  const width = axes.length / FEATURE_AXES;
  return Float64Array.from({ length: (rows.length / width) * FEATURE_AXES }, (_, place) => {
    const [row, axis] = [Math.floor(place / FEATURE_AXES), place % FEATURE_AXES];
    let sum = 0;
    for (let k = 0; k < width; k++) sum += rows[row * width + k]! * axes[k * FEATURE_AXES + axis]!;
    return sum;
  });
}
