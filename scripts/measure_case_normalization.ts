/**
 * Measures what normalizing each case at inference would bring, on a finished cross-validation: of its stain, and of the
 * statistics of the network's normalization layers. Only cases with many patches of both classes count. No model uses this;
 * docs/experiments.md shows the result.
 *
 *     node scripts/measure_case_normalization.ts <folder of the cross-validation>
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { foldPlaces, readDescription } from "../src/artifacts/crossvalidation_folder.ts";
import { modelFile } from "../src/artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../src/artifacts/open_model.ts";
import { RUN_FILES } from "../src/artifacts/run_files.ts";
import { onnxArrays } from "../src/engine/graph/read_onnx.ts";
import { modelFor } from "../src/engine/models/table.ts";
import type { Arrays } from "../src/engine/nn/model.ts";
import { openGraph } from "../src/engine/runtime/node/session.ts";
import { measureStatistics } from "../src/engine/training/measured_statistics.ts";
import { type Dataset, openDataset } from "../src/histology/dataset/dataset.ts";
import { macroWithIntervals } from "../src/metrics/by_case.ts";
import { pairedDifferences } from "../src/metrics/paired.ts";
import { computeMetrics } from "../src/metrics/table.ts";

/** Fewer patches say too little about a slide's stain. */
const FEWEST_PATCHES = 100;
/** A pixel whose channels have a larger mean is background. */
const BACKGROUND = 220;
const STAIN_SHARES = [0.25, 0.5, 0.75, 1];
const STATISTICS_SHARES = [0.3, 1];
const BATCH = 32;
const THREADS = 1;
const AS_IT_IS = "as it is";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Give the folder of the cross-validation.");
const { options, folds } = await readDescription(folder);
const model = modelFor(options.model, options.inputSize);
const facts = { dataset_sha256: null, epoch: null, seed: null, recipe: "none" };

interface Answers {
  readonly labels: number[];
  readonly cases: string[];
  readonly probabilities: number[];
}
const answers = new Map<string, Answers>();

for (const fold of folds.keys()) {
  const places = foldPlaces(folder, fold);
  const arrays = onnxArrays(readFileSync(join(places.run, RUN_FILES.best)));
  const dataset = await openDataset(places.dataset);
  const learned = stainOf(recordsOf(dataset, dataset.indicesOf("train")).filter((_, place) => place % 8 === 0));
  const cases = Map.groupBy(dataset.indicesOf("test"), (index) => dataset.rows[index]!.caseId);
  for (const [caseId, indices] of cases) {
    const labels = indices.map((index) => dataset.rows[index]!.label);
    if (labels.length < FEWEST_PATCHES || new Set(labels).size < 2) continue;
    const records = recordsOf(dataset, indices);
    const note = async (name: string, changed: Arrays, images: readonly Uint8Array[]) => {
      const all = answers.get(name) ?? { labels: [], cases: [], probabilities: [] };
      answers.set(name, all);
      for (const [place, probability] of (await classify(changed, images)).entries()) {
        all.labels.push(labels[place]!);
        all.cases.push(caseId);
        all.probabilities.push(probability);
      }
    };
    await note(AS_IT_IS, arrays, records);
    const own = stainOf(records);
    for (const share of STAIN_SHARES) {
      await note(
        `stain, share ${share}`,
        arrays,
        records.map((record) => restained(record, { own, learned, share })),
      );
    }
    const measured = await statisticsOf(arrays, records, dataset.side);
    for (const share of STATISTICS_SHARES)
      await note(`statistics, share ${share}`, between(arrays, measured, share), records);
  }
  dataset.close();
}

console.log("| normalized | AUROC | difference (95 %) | mean over cases |\n|---|--:|---|--:|");
const before = answers.get(AS_IT_IS)!;
for (const [name, sample] of answers) {
  const auroc = computeMetrics(sample.labels, sample.probabilities, 0.5).auroc.value!;
  const change = pairedDifferences(before, [
    { probabilities: before.probabilities, threshold: 0.5 },
    { probabilities: sample.probabilities, threshold: 0.5 },
  ]).auroc;
  const digits = [change.value, change.low, change.high].map((value) => value?.toFixed(4) ?? "unknown");
  const difference = name === AS_IT_IS ? "" : `${digits[0]} (${digits[1]} to ${digits[2]})`;
  const macro = macroWithIntervals(sample, 0.5).auroc.value!.toFixed(4);
  console.log(`| ${name} | ${auroc.toFixed(4)} | ${difference} | ${macro} |`);
}
console.log(`${new Set(before.cases).size} cases, ${before.labels.length} patches`);

function recordsOf(dataset: Dataset, indices: Iterable<number>): Uint8Array[] {
  return Array.from(indices, (index) => {
    const record = new Uint8Array(dataset.recordBytes);
    dataset.read(index, record, 0);
    return record;
  });
}

async function classify(changed: Arrays, records: readonly Uint8Array[]): Promise<Float32Array> {
  const file = modelFileOf(modelFile({ model, arrays: changed, views: options.views }, facts), folder!);
  const { classifier } = await openModelFile(file, { threads: THREADS });
  try {
    const { probabilities } = await classifier.classify(records.length, (first, count, into) => {
      for (let place = 0; place < count; place++) into.set(records[first + place]!, place * records[0]!.length);
    });
    return probabilities;
  } finally {
    await classifier.close();
  }
}

/** Mean and standard deviation of the optical density, per channel, of pixels that are not background. */
interface Stain {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

function isBackground(record: Uint8Array, at: number): boolean {
  return record[at]! + record[at + 1]! + record[at + 2]! > 3 * BACKGROUND;
}

function densityOf(intensity: number): number {
  return -Math.log((intensity + 1) / 256);
}

function stainOf(records: readonly Uint8Array[]): Stain {
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  let pixels = 0;
  for (const record of records) {
    for (let at = 0; at < record.length; at += 3) {
      if (isBackground(record, at)) continue;
      pixels++;
      for (let channel = 0; channel < 3; channel++) {
        const density = densityOf(record[at + channel]!);
        sums[channel]! += density;
        squares[channel]! += density * density;
      }
    }
  }
  const mean = sums.map((sum) => sum / pixels);
  return { mean, sd: squares.map((sum, channel) => Math.sqrt(sum / pixels - mean[channel]! ** 2)) };
}

/** A record with densities a share of the way from its case's stain to that of the training (Reinhard et al. 2001). */
function restained(
  record: Uint8Array,
  { own, learned, share }: { own: Stain; learned: Stain; share: number },
): Uint8Array {
  return record.map((intensity, at) => {
    const channel = at % 3;
    if (isBackground(record, at - channel)) return intensity;
    const density = densityOf(intensity);
    const target = ((density - own.mean[channel]!) / own.sd[channel]!) * learned.sd[channel]! + learned.mean[channel]!;
    const moved = 256 * Math.exp(-(density + share * (target - density))) - 1;
    return Math.max(0, Math.min(255, Math.round(moved)));
  });
}

/** The arrays with the statistics of a case's patches (Li et al. 2017, "Revisiting batch normalization"). */
function statisticsOf(arrays: Arrays, records: readonly Uint8Array[], side: number): Promise<Arrays> {
  const groups = Math.floor(records.length / BATCH);
  const batches = Array.from({ length: groups }, (_, group) =>
    Uint8Array.from(Array.from({ length: BATCH }, (__, place) => [...records[group + place * groups]!]).flat()),
  );
  return measureStatistics(
    model,
    arrays,
    { shape: [BATCH, side, side, 3], batches },
    { threads: THREADS, device: "cpu", openGraph },
  );
}

function between(arrays: Arrays, measured: Arrays, share: number): Arrays {
  const mixed = [...arrays].map(([name, data]) => {
    const other = measured.get(name)!;
    return [name, data.map((value, place) => value + share * (other[place]! - value))] as const;
  });
  return new Map(mixed);
}
