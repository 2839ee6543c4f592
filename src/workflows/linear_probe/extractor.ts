/** An ONNX model of any origin as a feature extractor: what it wants of a patch, how a patch becomes that, and what it gives. */
import type { DeviceName } from "../../engine/runtime/devices.ts";
import { type Described, type NamedTensor, Session } from "../../engine/runtime/session.ts";
import { RECORD_BYTES, RECORD_SIZE_PIXELS } from "../../histology/dataset/record.ts";
import { bilinearResizer } from "../../histology/image/resize.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";

/** How patches are given to an extractor, and which of its outputs is read; all of it goes into the features' header. */
export interface ExtractorInput {
  readonly input: string;
  readonly type: "float32" | "uint8";
  readonly layout: "channels-first" | "channels-last";
  readonly height: number;
  readonly width: number;
  /** By channel, of values from 0 to 1; null where bytes go in as they are. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  readonly output: string;
}

/** What the user says about an extractor, where the file does not. */
export interface ExtractorWish {
  readonly size?: number | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  readonly output?: string | undefined;
}

export interface FeatureExtractor {
  readonly input: ExtractorInput;
  /** How many features a patch has. */
  readonly featureCount: number;
  /** How many patches go into one run. */
  readonly patchesPerRun: number;
  /**
   * The features of records, float32 [count, featureCount]. Every run has the same number of patches, black ones filling up, so
   * that a patch's features do not depend on those beside it.
   * @param records [count, 50, 50, 3], at most `patchesPerRun`
   * @throws UserError where the model does not run.
   */
  extract(records: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** ImageNet's, as torchvision states them: what most extractors were trained with. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** Few enough that a request to stop is soon heard, many enough for a matrix product. */
const PATCHES_PER_RUN = 16;
const LARGEST_BYTE = 255;

/**
 * Opens an extractor and runs it once.
 * @throws UserError where the file cannot be run, or its input or output is none of those that are known.
 */
export async function openExtractor(
  path: string,
  wish: ExtractorWish,
  session: { readonly threads: number; readonly device: DeviceName },
): Promise<FeatureExtractor> {
  let opened: Session;
  try {
    opened = await Session.fromFile(path, session);
  } catch (error) {
    throw new UserError(
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
      `${path} has ${counted(session.inputNames.length, "input")}, expected one, the images: export it so.`,
    );
  }
  const input = { ...inputOf(given, path, wish), output: outputOf(session, path, wish) };
  const patchesPerRun = typeof given.shape[0] === "number" ? given.shape[0] : PATCHES_PER_RUN;
  const feed = feeder(input, patchesPerRun);
  const run = async (records: Uint8Array): Promise<NamedTensor> => {
    try {
      return (await session.run({ [input.input]: feed(records) }))[input.output]!;
    } catch (error) {
      throw new UserError(
        `${path} cannot be run on images of ${input.width} x ${input.height} (${messageOf(error)}): see whether --size and --device suit it.`,
      );
    }
  };
  const { shape } = await run(new Uint8Array());
  const featureCount = shape[1];
  if (shape.length !== 2 || shape[0] !== patchesPerRun || featureCount === undefined || featureCount < 1) {
    throw new UserError(
      `The output "${input.output}" of ${path} is [${shape.join(", ")}] for ${counted(patchesPerRun, "patch")}, expected [${patchesPerRun}, features]: ` +
        `name another with --output, or export the model so that it gives one vector a patch (its outputs: ${session.outputNames.join(", ")}).`,
    );
  }
  return {
    input,
    featureCount,
    patchesPerRun,
    extract: async (records) => {
      const { data } = await run(records);
      return (data as Float32Array).subarray(0, (records.length / RECORD_BYTES) * featureCount);
    },
    close: () => session.close(),
  };
}

function inputOf(given: Described, path: string, wish: ExtractorWish): Omit<ExtractorInput, "output"> {
  const { name, type, shape } = given;
  const told = `The input "${name}" of ${path} is ${type} [${shape.join(", ")}]`;
  const expected = "expected float32 or uint8 [batch, 3, height, width] or [batch, height, width, 3]";
  if ((type !== "float32" && type !== "uint8") || shape.length !== 4) {
    throw new UserError(`${told}, ${expected}: export the model so.`);
  }
  // Where no dimension says 3, the channels come first, as in PyTorch's models.
  const layout = shape[3] === 3 && shape[1] !== 3 ? "channels-last" : "channels-first";
  const [channels, ...sides] = layout === "channels-first" ? shape.slice(1) : [shape[3], shape[1], shape[2]];
  if (typeof channels === "number" && channels !== 3) throw new UserError(`${told}, ${expected}: export the model so.`);
  const [height, width] = sides.map((side) => {
    if (typeof side !== "number") {
      if (wish.size !== undefined) return wish.size;
      throw new UserError(`${told}, which leaves the size of images open: say it with --size, such as --size 224.`);
    }
    if (wish.size === undefined || wish.size === side) return side;
    throw new UserError(`${told}, so that --size ${wish.size} does not fit: leave it out.`);
  }) as [number, number];
  if (type === "uint8" && (wish.mean || wish.std)) {
    throw new UserError(`${told}: bytes go in as they are, so leave out --mean and --std.`);
  }
  const normalization = type === "uint8" ? null : { mean: wish.mean ?? IMAGENET.mean, std: wish.std ?? IMAGENET.std };
  return { input: name, type, layout, height, width, normalization };
}

function outputOf(session: Session, path: string, { output }: ExtractorWish): string {
  const floats = session.outputs.filter(({ type }) => type === "float32").map(({ name }) => name);
  const all = floats.length === 0 ? "none of its outputs is" : `those are ${floats.join(", ")}`;
  if (output !== undefined && !floats.includes(output)) {
    throw new UserError(`${path} has no output "${output}" of float32 (${all}): name another with --output.`);
  }
  const found = output ?? floats[0];
  if (found === undefined) throw new UserError(`${path} gives no float32 (${all}): export the model so.`);
  return found;
}

/** Fills the same memory with each block of records, in the form that the extractor wants. */
function feeder(input: ExtractorInput, patchesPerRun: number): (records: Uint8Array) => NamedTensor {
  const { type, layout, height, width } = input;
  const pixels = height * width;
  const resize = bilinearResizer({ width: RECORD_SIZE_PIXELS, height: RECORD_SIZE_PIXELS }, { width, height });
  const resized = new Float32Array(pixels * 3);
  const values = patchesPerRun * pixels * 3;
  const data = type === "uint8" ? new Uint8Array(values) : new Float32Array(values);
  const shape = layout === "channels-first" ? [patchesPerRun, 3, height, width] : [patchesPerRun, height, width, 3];
  const [channelStride, pixelStride] = layout === "channels-first" ? [pixels, 1] : [1, 3];
  const [factors, offsets] = affine(input.normalization);
  const black = new Uint8Array(RECORD_BYTES);
  return (records) => {
    for (let patch = 0; patch < patchesPerRun; patch++) {
      const start = patch * RECORD_BYTES;
      resize(start < records.length ? records.subarray(start, start + RECORD_BYTES) : black, resized);
      for (let channel = 0; channel < 3; channel++) {
        let place = patch * pixels * 3 + channel * channelStride;
        for (let pixel = channel; pixel < resized.length; pixel += 3, place += pixelStride) {
          data[place] = resized[pixel]! * factors[channel]! + offsets[channel]!;
        }
      }
    }
    return { data, shape };
  };
}

/** (value / 255 - mean) / std as value * factor + offset; bytes are rounded to the nearest. */
function affine(normalization: ExtractorInput["normalization"]): [number[], number[]] {
  if (!normalization) return [Array(3).fill(1), Array(3).fill(0.5)];
  const { mean, std } = normalization;
  return [std.map((value) => 1 / (LARGEST_BYTE * value)), mean.map((value, i) => -value / std[i]!)];
}
