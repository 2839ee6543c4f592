/**
 * The command "export" with --out: writes a trained model as plain ONNX for other runtimes, after a check that its
 * outputs are the same. export_page.ts does --page.
 */
import { setImmediate } from "node:timers/promises";
import type { ModelCard } from "../artifacts/model_card.ts";
import { openModelFile, readModelFile } from "../artifacts/open_model.ts";
import { architectureOf } from "../artifacts/read_model.ts";
import { locateModel } from "../artifacts/run_folder.ts";
import { amendOnnx, toOnnx } from "../engine/graph/onnx.ts";
import { onnxArrays, onnxMetadata } from "../engine/graph/read_onnx.ts";
import {
  buildImageGraph,
  IMAGES,
  LOGIT,
  LOGIT_OFFSET,
  LOGIT_SCALE,
  PATCHES,
  PROBABILITY,
} from "../engine/models/inference.ts";
import type { ModelDescription } from "../engine/nn/model.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import { openOnnx } from "../engine/runtime/node/session.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type ExportOptions, type ExportOutput, exportOptions, exportOutputOf } from "../options/export.ts";
import type { ExportResult } from "../reports/conversion/report.ts";
import { publishFile, requireOutputFile } from "../system/output_file.ts";
import { RandomStream } from "../system/random.ts";
import { SOFTWARE } from "../system/version.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";

type Input = Extract<ExportOutput, { kind: "file" }>["input"];

export type { ExportResult };

const CHECKED_PATCHES = 64;
/** Allows for float32 rounding in a different order of operations. */
const TOLERANCE = 1e-5;

/**
 * Writes a model as ONNX, after comparing it with the original on seeded random patches.
 * @throws UserError if the model or the output file is not usable, or if the outputs differ; nothing is written then.
 */
export async function exportModel(given: ExportOptions, { reporter, signal }: Context): Promise<ExportResult> {
  const options = checkedOptions(exportOptions, given);
  const wanted = exportOutputOf(options);
  if (wanted.kind === "page") {
    throw new UserError("options-conflict", "exportModel writes an ONNX file: give out, or call exportPage.");
  }
  const location = await locateModel(options.model);
  const { name, place, modelPath } = location;
  const output = { ...wanted, flag: "--out" };
  await requireOutputFile(output, [modelPath], reporter.warn.bind(reporter));
  const file = await readModelFile(location);
  const { bytes: original, card } = file;
  await (await openModelFile(file, { threads: 1 })).classifier.close();
  const model = architectureOf(card, place);
  const bytes = wanted.input === "patches" ? original : imageModel(original, model, card);
  const [, height, width] = model.inputShape;
  const patches = new RandomStream(1, "export").bytes(CHECKED_PATCHES * height * width * 3);
  const feeds: Record<Input, Images> = {
    patches: { name: PATCHES, data: patches, shape: [height, width, 3] },
    images: { name: IMAGES, data: planes(patches, height * width), shape: [3, height, width] },
  };
  const expected = await run(original, feeds.patches, signal);
  // An unchanged model does not need a second run.
  const exported = bytes === original ? expected : await run(bytes, feeds[wanted.input], signal);
  const largestDifference = difference(expected, exported);
  if (!(largestDifference <= TOLERANCE)) {
    throw new UserError(
      "export-inexact",
      `The exported model differs from ${place} by ${largestDifference}: nothing was written, please report this.`,
    );
  }
  signal.throwIfAborted();
  await publishFile(output, bytes);
  return {
    file: wanted.path,
    model: name,
    input:
      wanted.input === "patches"
        ? { name: PATCHES, type: "uint8", shape: ["batch", "height", "width", 3] }
        : { name: IMAGES, type: "float32", shape: ["batch", 3, height!, width!] },
    outputs: [
      { name: PROBABILITY, calibrated: true },
      { name: LOGIT, calibrated: false },
    ],
    bytes: bytes.length,
    class_names: card.class_names,
    threshold: card.threshold,
    uses_neighbours: Boolean(card.neighbourhood),
    checked_patches: CHECKED_PATCHES,
    largest_difference: largestDifference,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The model for preprocessed images, with the original's arrays, calibration and metadata. */
function imageModel(original: Uint8Array, model: ModelDescription, { views }: Pick<ModelCard, "views">): Uint8Array {
  const arrays = onnxArrays(original);
  const graph = buildImageGraph({ model, arrays, views });
  const calibration = new Map([LOGIT_SCALE, LOGIT_OFFSET].map((name) => [name, arrays.get(name)!]));
  const plain = toOnnx(prune(graph), { producerVersion: SOFTWARE });
  return amendOnnx(plain, { arrays: calibration, metadata: onnxMetadata(original) });
}

/** The same float32 factor that the graph uses to scale bytes. */
const BYTE = Math.fround(1 / 255);

/** Converts bytes [n, pixels, 3] to float32 [n, 3, pixels] from 0 to 1. */
function planes(bytes: Uint8Array, pixels: number): Float32Array {
  return Float32Array.from(bytes, (_, index) => {
    const [image, rest] = [Math.floor(index / (3 * pixels)), index % (3 * pixels)];
    return bytes[(image * pixels + (rest % pixels)) * 3 + Math.floor(rest / pixels)]! * BYTE;
  });
}

/** CHECKED_PATCHES images in the format of a graph's input. */
interface Images {
  readonly name: string;
  readonly data: Uint8Array | Float32Array;
  /** The shape of one image. */
  readonly shape: readonly number[];
}

/** A small number, because a run cannot be interrupted. */
const PATCHES_A_RUN = 4;

/** Both outputs for all images, float32 [CHECKED_PATCHES] each. */
async function run(bytes: Uint8Array, { name, data, shape }: Images, signal: AbortSignal): Promise<Float32Array[]> {
  const session = await openOnnx(bytes, { threads: 1 });
  const found = [new Float32Array(CHECKED_PATCHES), new Float32Array(CHECKED_PATCHES)];
  const size = data.length / CHECKED_PATCHES;
  try {
    for (let first = 0; first < CHECKED_PATCHES; first += PATCHES_A_RUN) {
      await setImmediate();
      signal.throwIfAborted();
      const some = data.subarray(first * size, (first + PATCHES_A_RUN) * size);
      const results = await session.run({ [name]: { data: some, shape: [PATCHES_A_RUN, ...shape] } });
      for (const [place, output] of [PROBABILITY, LOGIT].entries()) {
        found[place]!.set(results[output]!.data as Float32Array, first);
      }
    }
    return found;
  } finally {
    await session.close();
  }
}

function difference(one: readonly Float32Array[], other: readonly Float32Array[]): number {
  return Math.max(
    ...one.flatMap((values, output) =>
      Array.from(values, (value, k) => Math.abs(value - other[output]![k]!) / Math.max(1, Math.abs(value))),
    ),
  );
}
