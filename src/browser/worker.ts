/** The worker: decodes pictures and runs the model, so that the page stays responsive. */

import { recordSideOf } from "../artifacts/model_card.ts";
import { openForwardModel, type ReadyModel } from "../artifacts/open_forward.ts";
import type { ForwardAnswer } from "../engine/inference/answer.ts";
import { toRecord } from "../histology/dataset/record.ts";
import { flattened, type RgbaImage } from "../histology/image/flatten.ts";
import type { RgbImage } from "../histology/image/rgb.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { cardText } from "./card_text.ts";
import { kernelBytes } from "./kernel_bytes.ts";
import { decodePicture } from "./pictures/decode.ts";
import type { PictureNumbers, PictureReasons, Reply, Request, SentError, SentPicture } from "./protocol.ts";
import { asSent } from "./sent_error.ts";
import { serveLane } from "./slides/serve_lane.ts";

/** The part of a worker's global scope that is used here; the types of the page lack it. */
interface WorkerScope {
  onmessage: ((event: { data: Request }) => void) | null;
  postMessage(reply: Reply): void;
}

const scope = self as unknown as WorkerScope;
let model: ReadyModel | undefined;
let queue = Promise.resolve();

scope.onmessage = ({ data: request }) => {
  queue = queue.then(async () => scope.postMessage(await replyTo(request)));
};

async function replyTo(request: Request): Promise<Reply> {
  try {
    if (request.kind === "open") {
      model = openForwardModel(request.bytes, await compiledKernels(), request.place);
      const { card, sha256 } = model;
      return { kind: "opened", file: { card, sha256, cardText: cardText(card, sha256) } };
    }
    if (request.kind === "explain") return { kind: "explained", reasons: await reasonsFor(request.picture, model!) };
    if (request.kind === "lane") {
      serveLane(request.port, model!.forward);
      return { kind: "lane" };
    }
    const answers: (PictureNumbers | { error: SentError })[] = [];
    for (const picture of request.pictures) {
      answers.push(await answerTo(picture, model!).catch((error: unknown) => ({ error: asSent(error) })));
    }
    return { kind: "classified", answers };
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

async function answerTo(picture: SentPicture, { card, forward }: ReadyModel): Promise<PictureNumbers> {
  const image = await imageOf(picture);
  return numbersFor(image, forward(toRecord(image, recordSideOf(card))));
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

function numbersFor({ width, height }: RgbImage, { probability, logit }: ForwardAnswer): PictureNumbers {
  if (!(probability >= 0 && probability <= 1)) {
    throw new UserError(
      "model-failed",
      "The model returns values that are not probabilities: it is damaged, restore it.",
    );
  }
  return { probability, logit, width, height };
}

/** Pixels of 4 bytes have alpha. */
function opaque({ width, height, data }: RgbaImage): RgbImage {
  if (data.length === width * height * 4) return flattened({ width, height, data });
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
