/** Opens any ONNX model as a feature extractor: determines its input and output, and converts patches to its input. */
import type { DeviceName } from "../../engine/runtime/devices.ts";
import { openOnnx } from "../../engine/runtime/node/session.ts";
import type { NamedTensor, Session, TensorInfo } from "../../engine/runtime/session.ts";
import { recordBytes } from "../../histology/dataset/record.ts";
import { bilinearResizer } from "../../histology/image/resize.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import type { ExtractorInput, FeatureExtractor } from "./extractor.ts";
import { INPUT_TYPES, isInputType, isOutputType, OUTPUT_TYPES, type OutputType } from "./number_types.ts";

/** What the extractor's file does not state: the size of the records, and the user's options. */
export interface ExtractorWish {
  /** Width and height of the records, in pixels. */
  readonly side: number;
  readonly size?: number | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  readonly output?: string | undefined;
}

/** ImageNet's values as torchvision states them; most extractors were trained with them. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** Few enough to react quickly to a request to stop, enough for efficient matrix products. */
const PATCHES_PER_RUN = 16;
const LARGEST_BYTE = 255;

/**
 * Opens an extractor and runs it once.
 * @throws UserError if the file cannot be run, or its input or output is not supported.
 */
export async function openExtractor(
  path: string,
  wish: ExtractorWish,
  session: { readonly threads: number; readonly device: DeviceName },
): Promise<FeatureExtractor> {
  let opened: Session;
  try {
    opened = await openOnnx(path, session);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      "extractor-unsuitable",
      `ONNX Runtime cannot open ${path} (${messageOf(error)}): give an ONNX model, with the files of its weights beside it.`,
    );
  }
  try {
    return await readied(opened, path, wish);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function readied(session: Session, path: string, wish: ExtractorWish): Promise<FeatureExtractor> {
  const [given] = session.inputs;
  if (session.inputNames.length !== 1 || given === undefined) {
    throw new UserError(
      "extractor-unsuitable",
      `${path} has ${counted(session.inputNames.length, "input")}, expected one, the images: export it so.`,
    );
  }
  const output = outputOf(session, path, wish);
  const model = {
    session,
    path,
    side: wish.side,
    input: { ...inputOf(given, path, wish), output: output.name },
    outputType: output.type,
    sizeIsOpen: given.shape.filter((side) => typeof side !== "number").length > 1,
  };
  const batch = given.shape[0];
  if (typeof batch === "number") return ofBatch(model, batch);
  try {
    return await ofBatch(model, PATCHES_PER_RUN);
  } catch (error) {
    // The batch size may be fixed inside the model although the file leaves it open. Exporters that trace a model do
    // this.
    return await ofBatch(model, 1).catch(() => {
      throw error;
    });
  }
}

/** An extractor's session and the properties from its file. */
interface ExtractorModel {
  readonly session: Session;
  readonly path: string;
  /** Width and height of the records, in pixels. */
  readonly side: number;
  readonly input: ExtractorInput;
  readonly outputType: OutputType;
  /** Whether the user states the size of the images, since the file leaves it open. */
  readonly sizeIsOpen: boolean;
}

/**
 * An extractor with this number of patches per run.
 * @throws UserError if the model cannot be run on that number, or does not return one vector per patch.
 */
async function ofBatch(model: ExtractorModel, patchesPerRun: number): Promise<FeatureExtractor> {
  const { session, path, side, input, outputType, sizeIsOpen } = model;
  const feed = feeder(input, patchesPerRun, side);
  const run = async (records: Uint8Array): Promise<NamedTensor> => {
    try {
      return (await session.run({ [input.input]: feed(records) }))[input.output]!;
    } catch (error) {
      const size = `images of ${input.width} x ${input.height}`;
      throw new UserError(
        "extractor-unsuitable",
        sizeIsOpen
          ? `${path} cannot be run on ${size} (${messageOf(error)}): check whether --size suits it.`
          : `${path} cannot be run (${messageOf(error)}): check that ONNX Runtime runs it on ${size}, or export it again.`,
      );
    }
  };
  const { shape } = await run(new Uint8Array());
  const featureCount = shape[1];
  const isVector = shape.slice(2).every((length) => length === 1);
  if (!isVector || shape[0] !== patchesPerRun || featureCount === undefined || featureCount < 1) {
    throw new UserError(
      "extractor-unsuitable",
      `The output "${input.output}" of ${path} is [${shape.join(", ")}] for ${counted(patchesPerRun, "patch")}, expected [${patchesPerRun}, features]: ` +
        `name another with --output, or export the model so that it gives one vector per patch (its outputs: ${session.outputNames.join(", ")}).`,
    );
  }
  return {
    input,
    featureCount,
    patchesPerRun,
    extract: async (records) => {
      const { data } = await run(records);
      return OUTPUT_TYPES[outputType](data).subarray(0, (records.length / recordBytes(side)) * featureCount);
    },
    close: () => session.close(),
  };
}

function inputOf(given: TensorInfo, path: string, wish: ExtractorWish): Omit<ExtractorInput, "output"> {
  const { name, type, shape } = given;
  const found = `The input "${name}" of ${path} is ${type} [${shape.join(", ")}]`;
  const expected = `expected ${Object.keys(INPUT_TYPES).join(", ")} as [batch, 3, height, width] or [batch, height, width, 3]`;
  if (!isInputType(type) || shape.length !== 4) {
    throw new UserError("extractor-unsuitable", `${found}, ${expected}: export the model so.`);
  }
  // If no dimension is 3, the channels are first, as in PyTorch's models.
  const layout = shape[3] === 3 && shape[1] !== 3 ? "channels-last" : "channels-first";
  const [channels, ...sides] = layout === "channels-first" ? shape.slice(1) : [shape[3], shape[1], shape[2]];
  if (typeof channels === "number" && channels !== 3)
    throw new UserError("extractor-unsuitable", `${found}, ${expected}: export the model so.`);
  const [height, width] = sides.map((side) => {
    if (typeof side !== "number") {
      if (wish.size !== undefined) return wish.size;
      throw new UserError(
        "option-missing",
        `${found}, which leaves the size of images open: say it with --size, such as --size 224.`,
      );
    }
    if (wish.size === undefined || wish.size === side) return side;
    throw new UserError("option-invalid", `${found}, so that --size ${wish.size} does not fit: leave it out.`);
  }) as [number, number];
  if (type === "uint8" && (wish.mean || wish.std)) {
    throw new UserError("option-invalid", `${found}: bytes go in as they are, so leave out --mean and --std.`);
  }
  const normalization = type === "uint8" ? null : { mean: wish.mean ?? IMAGENET.mean, std: wish.std ?? IMAGENET.std };
  return { input: name, type, layout, height, width, normalization };
}

function outputOf(session: Session, path: string, { output }: ExtractorWish): { name: string; type: OutputType } {
  const floats = session.outputs.flatMap(({ name, type }) => (isOutputType(type) ? [{ name, type }] : []));
  const types = Object.keys(OUTPUT_TYPES).join(", ");
  const all = floats.length === 0 ? "none of its outputs is" : `those are ${floats.map(({ name }) => name).join(", ")}`;
  const found = output === undefined ? floats[0] : floats.find(({ name }) => name === output);
  if (found) return found;
  if (output === undefined)
    throw new UserError("extractor-unsuitable", `${path} gives no ${types} (${all}): export the model so.`);
  throw new UserError(
    "option-invalid",
    `${path} has no output "${output}" of ${types} (${all}): name another with --output.`,
  );
}

/** Returns a function that converts a block of records to the extractor's input. Every call fills the same memory. */
function feeder(input: ExtractorInput, patchesPerRun: number, side: number): (records: Uint8Array) => NamedTensor {
  const { type, layout, height, width } = input;
  const pixels = height * width;
  const resize = bilinearResizer({ width: side, height: side }, { width, height });
  const resized = new Float32Array(pixels * 3);
  const values = patchesPerRun * pixels * 3;
  const memory = INPUT_TYPES[type](values);
  const { numbers } = memory;
  const shape = layout === "channels-first" ? [patchesPerRun, 3, height, width] : [patchesPerRun, height, width, 3];
  const [channelStride, pixelStride] = layout === "channels-first" ? [pixels, 1] : [1, 3];
  const [factors, offsets] = affine(input.normalization);
  const bytes = recordBytes(side);
  const black = new Uint8Array(bytes);
  return (records) => {
    for (let patch = 0; patch < patchesPerRun; patch++) {
      const start = patch * bytes;
      resize(start < records.length ? records.subarray(start, start + bytes) : black, resized);
      for (let channel = 0; channel < 3; channel++) {
        let place = patch * pixels * 3 + channel * channelStride;
        for (let pixel = channel; pixel < resized.length; pixel += 3, place += pixelStride) {
          numbers[place] = resized[pixel]! * factors[channel]! + offsets[channel]!;
        }
      }
    }
    return { data: memory.complete(), shape };
  };
}

/**
 * Writes (value / 255 - mean) / std as value * factor + offset. For bytes, the offset 0.5 rounds to the nearest
 * integer.
 */
function affine(normalization: ExtractorInput["normalization"]): [number[], number[]] {
  if (!normalization) return [Array(3).fill(1), Array(3).fill(0.5)];
  const { mean, std } = normalization;
  return [std.map((value) => 1 / (LARGEST_BYTE * value)), mean.map((value, i) => -value / std[i]!)];
}
