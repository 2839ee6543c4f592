/** Opens a model for blocks of images on onnxruntime-node, on this thread. */
import { ownKernels } from "../../../system/own_files.ts";
import { WebAssembly } from "../../../util/web_assembly.ts";
import { type FrontModel, openFront } from "../../inference/front.ts";
import { openOnnx } from "../../runtime/node/session.ts";
import type { SessionOptions } from "../../runtime/session.ts";
import { type BlockModel, blockModel } from "../block_model.ts";
import { type BlockSize, IMAGES_PER_BLOCK } from "../lanes.ts";

/** What a classifier runs. */
export interface ModelParts {
  /** The bytes of an ONNX file: the whole model (buildInferenceGraph), or the rest of it (restOfOnnx). */
  readonly onnx: Uint8Array;
  /** The front, if the file is the rest. */
  readonly front?: FrontModel;
}

/**
 * While one thread computes the front of so many images, the other threads of a session do not fall asleep. Waking them up takes
 * longer than a front.
 */
const IMAGES_WITHOUT_SLEEP = 8;

/** @throws Error if ONNX Runtime does not accept the file, or its input or output differs. */
export async function openBlockModel(
  { onnx, front }: ModelParts,
  size: Omit<BlockSize, "axes">,
  options: SessionOptions,
): Promise<BlockModel> {
  const opened = front && openFront(kernels(), front, { side: size.imageSizePixels, most: IMAGES_PER_BLOCK });
  const inPieces = front && size.anyBlockSize && options.threads > 1;
  const piece = inPieces ? IMAGES_WITHOUT_SLEEP : IMAGES_PER_BLOCK;
  return blockModel(await openOnnx(onnx, options), opened, { ...size, piece });
}

const kernels = () => new WebAssembly.Module(ownKernels("engine/inference"));
