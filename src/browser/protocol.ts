/** The messages between the page and its workers. */
import type { ModelCard } from "../artifacts/model_card.ts";
import type { PatchMap } from "../engine/explanation/patch_map.ts";
import type { RgbImage } from "../histology/image/rgb.ts";
import type { ErrorCode } from "../util/error_codes.ts";
import type { WebDevice } from "./web_devices.ts";

/** A picture on its way to a worker: pixels of 3 or 4 bytes, or a file and its name in errors. */
export type SentPicture =
  | { readonly width: number; readonly height: number; readonly data: Uint8Array | Uint8ClampedArray }
  | { readonly file: Blob; readonly name: string };

/** Requests to a worker. It answers each of them once, in order. */
export type Request =
  | { readonly kind: "open"; readonly bytes: Uint8Array; readonly place: string; readonly device: WebDevice }
  | { readonly kind: "classify"; readonly pictures: readonly SentPicture[] }
  | { readonly kind: "explain"; readonly picture: SentPicture }
  /** Opens a lane: from then on, the worker also answers the blocks that come through this port. */
  | { readonly kind: "lane"; readonly port: MessagePort };

/** The numbers for one picture. */
export interface PictureNumbers {
  readonly probability: number;
  readonly logit: number;
  /** The picture's own size in pixels, before it was scaled to the model's patches. */
  readonly width: number;
  readonly height: number;
}

/** The numbers for one picture, and their reasons. */
export interface PictureReasons extends PictureNumbers {
  /** Grad-CAM. */
  readonly map: PatchMap;
  /** The picture as a patch of the model, at the size of the map's input. */
  readonly patch: RgbImage;
}

/** The numbers for a picture, or why there are none. */
export type SentAnswer = PictureNumbers | { readonly error: SentError };

/** A UserError as data. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a page knows of a model file. */
export interface OpenedFile {
  readonly card: ModelCard;
  /** The facts of the card as text. */
  readonly cardText: string;
  /** The SHA-256 of the file's bytes, in hexadecimal. */
  readonly sha256: string;
}

/** What a reply may also hold: sentences for the page, such as that a device is no longer used. */
interface Warned {
  readonly warnings: readonly string[];
}

export type Reply =
  | ({ readonly kind: "opened"; readonly file: OpenedFile } & Warned)
  | ({ readonly kind: "classified"; readonly answers: readonly SentAnswer[] } & Warned)
  | { readonly kind: "explained"; readonly reasons: PictureReasons }
  | { readonly kind: "lane" }
  | { readonly kind: "failed"; readonly error: SentError };
