/**
 * Measures normalization statistics on images, with the final weights and without dropout. They replace the running
 * statistics of the training, which belong to earlier weights and to activations with the spread that dropout adds (Wu
 * & Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3; Li et al. 2019, "Understanding the disharmony between
 * dropout and batch normalization by variance shift").
 */
import { Graph, type Value } from "../graph/graph.ts";
import { loadImages, scaleRange } from "../nn/input.ts";
import type { Layer } from "../nn/layers.ts";
import { type Arrays, applyModel, type ModelDescription, parametersOf } from "../nn/model.ts";
import type { NamedTensor, RuntimeOptions } from "../runtime/session.ts";
import { updatedName } from "./step_graph.ts";

/** Batches of images: uint8 RGB [n, height, width, 3], with the same n in each batch. */
export interface ImageBatches {
  readonly shape: readonly [n: number, height: number, width: number, channels: number];
  readonly batches: Iterable<Uint8Array>;
}

/**
 * The arrays with the statistics of these images. Each batch is normalized separately, as in a training step. The mean
 * is the mean of the batches' means. The variance is that of all values together, as if all batches were one.
 * @throws Error if there is no batch.
 */
export async function measureStatistics(
  model: ModelDescription,
  arrays: Arrays,
  { shape, batches }: ImageBatches,
  runtime: RuntimeOptions,
): Promise<Arrays> {
  const weights = parametersOf(model).filter(({ role }) => role === "weight");
  const statistics = parametersOf(model).filter(({ role }) => role === "statistic");
  const opened = await runtime.openGraph(statisticsGraph(model, shape), runtime);
  const given: Record<string, NamedTensor> = Object.fromEntries(
    weights.map((spec) => [spec.name, { data: arrays.get(spec.name)!, shape: spec.shape }]),
  );
  const found: Arrays[] = [];
  try {
    for (const data of batches) {
      const results = await opened.run({ ...given, images: { data, shape } });
      found.push(
        new Map(statistics.map(({ name }) => [name, results[updatedName(name)]!.data.slice() as Float32Array])),
      );
    }
  } finally {
    await opened.close();
  }
  if (found.length === 0) throw new Error("Statistics need at least one batch.");
  return new Map([...arrays, ...layersOf(model).flatMap((name) => together(name, found))]);
}

/** The forward pass of a training step without dropout. Its results are the statistics of the batch. */
function statisticsGraph(model: ModelDescription, [n, height, width, channels]: ImageBatches["shape"]): Graph {
  const graph = new Graph();
  const specs = parametersOf(model);
  const given = new Map<string, Value>(
    specs.map(({ name, shape, role }) => [
      name,
      role === "weight"
        ? graph.input(name, "float32", shape)
        : graph.constant(new Float32Array(shape[0]!), shape, `${name}/unused`),
    ]),
  );
  const [, rows, columns] = model.inputShape;
  const images = scaleRange(loadImages(graph.input("images", "uint8", [n, height, width, channels]), rows, columns));
  applyModel({ ...model, layers: model.layers.flatMap(withoutMemory) }, images, {
    parameter: (name) => given.get(name)!,
    training: {
      randomBytes: (name) => {
        throw new Error(`${name} is no part of the statistics' graph.`);
      },
      updateStatistic: (name, value) => graph.output(updatedName(name), value),
    },
  });
  return graph;
}

/** With momentum 0, a statistic after a step is that of the batch. */
function withoutMemory(layer: Layer): Layer[] {
  if (layer.kind === "dropout") return [];
  return [layer.kind === "batchNormalization" ? { ...layer, momentum: 0 } : layer];
}

const layersOf = ({ layers }: ModelDescription): string[] =>
  layers.flatMap((layer) => (layer.kind === "batchNormalization" ? [layer.name] : []));

/**
 * Mean and variance of all batches together. The variance is the mean variance within batches plus the variance of
 * their means.
 */
function together(layer: string, found: readonly Arrays[]): [string, Float32Array][] {
  const [meanName, varianceName] = [`${layer}.mean`, `${layer}.variance`];
  const average = (of: (arrays: Arrays) => number) => found.reduce((sum, arrays) => sum + of(arrays), 0) / found.length;
  const channels = [...found[0]!.get(meanName)!.keys()];
  const means = channels.map((channel) => average((arrays) => arrays.get(meanName)![channel]!));
  const variances = channels.map((channel) =>
    average((arrays) => {
      const apart = arrays.get(meanName)![channel]! - means[channel]!;
      return arrays.get(varianceName)![channel]! + apart * apart;
    }),
  );
  return [
    [meanName, Float32Array.from(means)],
    [varianceName, Float32Array.from(variances)],
  ];
}
