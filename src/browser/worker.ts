/** The worker: decodes pictures and runs the model, so that the page stays responsive. */

import { recordSideOf } from "../artifacts/model_card.ts";
import { openForwardModel, type ReadyModel } from "../artifacts/open_forward.ts";
import type { ForwardAnswer } from "../engine/inference/answer.ts";
import type { BatchForward } from "../engine/inference/webgpu/gpu_forward.ts";
import { toRecord } from "../histology/dataset/record.ts";
import { flattened, type RgbaImage } from "../histology/image/flatten.ts";
import type { RgbImage } from "../histology/image/rgb.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { cardText } from "./card_text.ts";
import { CLASSIFY_ON } from "./classify_on.ts";
import { kernelBytes } from "./kernel_bytes.ts";
import { decodePicture } from "./pictures/decode.ts";
import type { PictureNumbers, PictureReasons, Reply, Request, SentAnswer, SentError, SentPicture } from "./protocol.ts";
import { asSent } from "./sent_error.ts";
import { serveLane } from "./slides/serve_lane.ts";

/** The part of a worker's global scope that is used here; the types of the page lack it. */
interface WorkerScope {
  onmessage: ((event: { data: Request }) => void) | null;
  postMessage(reply: Reply): void;
}

const scope = self as unknown as WorkerScope;
let model: ReadyModel | undefined;
let classify: BatchForward | undefined;
/** What the next reply says beside its answers. */
const warnings: string[] = [];
let queue = Promise.resolve();

scope.onmessage = ({ data: request }) => {
  queue = queue.then(async () => scope.postMessage(await replyTo(request)));
};

async function replyTo(request: Request): Promise<Reply> {
  try {
    if (request.kind === "open") {
      model = openForwardModel(request.bytes, await compiledKernels(), request.place);
      classify = await CLASSIFY_ON[request.device](model, (warning) => warnings.push(warning));
      const { card, sha256 } = model;
      const file = { card, sha256, cardText: cardText(card, sha256) };
      return { kind: "opened", file, warnings: warnings.splice(0) };
    }
    if (request.kind === "explain") return { kind: "explained", reasons: await reasonsFor(request.picture, model!) };
    if (request.kind === "lane") {
      serveLane(request.port, model!.forward);
      return { kind: "lane" };
    }
    const answers = await answersTo(request.pictures, recordSideOf(model!.card), classify!);
    return { kind: "classified", answers, warnings: warnings.splice(0) };
  } catch (error) {
    return { kind: "failed", error: asSent(error) };
  }
}

/** @throws UserError if the browser lacks WebAssembly SIMD, or the page's policy forbids WebAssembly */
async function compiledKernels(): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(kernelBytes());
  } catch (error) {
    throw new UserError(
      "device-unavailable",
      `The model cannot run here (${messageOf(error)}): use a browser with WebAssembly SIMD (Chrome 91, Firefox 89, ` +
        "Safari 16.4 or newer), and a page whose Content-Security-Policy, if it has one, allows 'wasm-unsafe-eval'.",
    );
  }
}

/** Decodes all pictures, and classifies those that can be used together. */
async function answersTo(
  pictures: readonly SentPicture[],
  side: number,
  onDevice: BatchForward,
): Promise<readonly SentAnswer[]> {
  const decoded = await decodedOf(pictures, side);
  const usable = decoded.filter((one) => "record" in one);
  const answers = (await onDevice(usable.map(({ record }) => record))).values();
  return decoded.map((one) => {
    try {
      return "record" in one ? numbersFor(one, answers.next().value!) : one;
    } catch (error) {
      return { error: asSent(error) };
    }
  });
}

/** A picture as a patch of the model, and the picture's own size. */
interface DecodedPicture extends ImageSize {
  readonly record: Uint8Array;
}

async function decodedOf(pictures: readonly SentPicture[], side: number) {
  const decoded: (DecodedPicture | { readonly error: SentError })[] = [];
  for (const picture of pictures) {
    try {
      const image = await imageOf(picture);
      decoded.push({ width: image.width, height: image.height, record: toRecord(image, side) });
    } catch (error) {
      decoded.push({ error: asSent(error) });
    }
  }
  return decoded;
}

async function reasonsFor(picture: SentPicture, { card, forward, mapOf }: ReadyModel): Promise<PictureReasons> {
  const image = await imageOf(picture);
  const side = recordSideOf(card);
  const data = toRecord(image, side);
  return { ...numbersFor(image, forward(data)), map: mapOf(data), patch: { width: side, height: side, data } };
}

/** @throws UserError if the picture cannot be used */
async function imageOf(picture: SentPicture): Promise<RgbImage> {
  if (!("file" in picture)) return opaque(picture);
  return decodePicture(new Uint8Array(await picture.file.arrayBuffer()), picture.name);
}

function numbersFor({ width, height }: ImageSize, { probability, logit }: ForwardAnswer): PictureNumbers {
  if (!(probability >= 0 && probability <= 1)) {
    throw new UserError(
      "model-failed",
      "The model returns values that are not probabilities: it is damaged, restore it.",
    );
  }
  return { probability, logit, width, height };
}

type ImageSize = Pick<RgbImage, "width" | "height">;

/** Pixels of 4 bytes have alpha. */
function opaque({ width, height, data }: RgbaImage): RgbImage {
  if (data.length === width * height * 4) return flattened({ width, height, data });
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
