/** A model opened for explanations of single patches: Grad-CAM, occlusion, and the spread over the eight views. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import { type ModelFile, type OpenModel, openModelFile } from "../../artifacts/open_model.ts";
import { architectureOf } from "../../artifacts/read_model.ts";
import { defaultFeatureLayer, type FeatureLayer, featureLayers } from "../../engine/explanation/feature_layers.ts";
import { buildGradCamGraph, MAP } from "../../engine/explanation/grad_cam.ts";
import { onnxArrays } from "../../engine/graph/read_onnx.ts";
import { buildSeenGraph, LOGIT, LOGIT_OFFSET, LOGIT_SCALE, PATCHES, SEEN } from "../../engine/models/inference.ts";
import { VIEWS, viewsOfSquare } from "../../engine/models/views.ts";
import type { ModelDescription } from "../../engine/nn/model.ts";
import { openGraph } from "../../engine/runtime/node/session.ts";
import type { Session, SessionOptions } from "../../engine/runtime/session.ts";
import type { NumberMap } from "../../histology/image/overlay.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { rankCorrelation } from "../../metrics/rank_correlation.ts";
import {
  coarsened,
  dropsByPixel,
  hideSquares,
  type Squares,
  squareEdges,
} from "../../reports/explanation/occlusion.ts";
import { type Prediction, predictionOf } from "../../reports/prediction.ts";
import { messageOf, UserError } from "../../util/errors.ts";

/** A model's answer for one patch, and its reasons. Log odds belong to the calibrated probability. */
export interface Explanation extends Prediction {
  /** The patch at the size of the model's input. */
  readonly image: RgbImage;
  /** The model's output before calibration. */
  readonly logit: number;
  readonly logOdds: number;
  readonly views: ViewSpread;
  /**
   * In log odds. The positive values are Grad-CAM for the positive class, the negative values for the negative class.
   */
  readonly gradCam: NumberMap;
  /** The drop of the log odds when a square is hidden, one value per square, by the squares' edges. */
  readonly drops: NumberMap;
  /** The drops averaged per pixel. */
  readonly occlusion: NumberMap;
  /** Spearman's rank correlation between the two maps, at Grad-CAM's resolution; null if a map is constant. */
  readonly agreement: number | null;
}

/** The model's answer for each flip and rotation of a patch alone, in the order of engine/models/views.ts. */
export interface ViewSpread {
  readonly logOdds: readonly number[];
  readonly probabilities: readonly number[];
  readonly meanLogOdds: number;
  /** The standard deviation over the eight views. */
  readonly sdLogOdds: number;
}

/** Allows for float32 rounding in a different order of operations. */
const TOLERANCE = 1e-4;

export interface ExplainerOptions {
  /** The convolution whose feature maps are used; by default the last one with at least 12 cells per side. */
  readonly layer?: string | undefined;
  /** In input pixels. The default square is a sixth of the input's side, the default stride a twelfth. */
  readonly squares?: { readonly square?: number | undefined; readonly stride?: number | undefined };
  readonly session: SessionOptions;
}

export class Explainer {
  readonly card: ModelCard;
  readonly layer: FeatureLayer;
  /** The model's calibration: log odds = scale * logit + offset. */
  readonly calibration: { readonly scale: number; readonly offset: number };
  /** The side of the model's input in pixels. */
  readonly side: number;
  readonly squares: Squares;
  readonly #place: string;
  readonly #classifier: OpenModel["classifier"];
  readonly #gradCam: Session;
  readonly #seen: Session;

  private constructor(parts: ModelParts, place: string) {
    this.card = parts.open.card;
    this.layer = parts.layer;
    this.calibration = parts.calibration;
    this.side = parts.side;
    this.squares = parts.squares;
    this.#place = place;
    this.#classifier = parts.open.classifier;
    this.#gradCam = parts.gradCam;
    this.#seen = parts.seen;
  }

  /**
   * Opens a model file. Rebuilds the model from its arrays, because the file's graph contains no gradients.
   * @throws UserError if this version does not have the file's model, or the model has no such layer.
   */
  static async open(file: ModelFile, options: ExplainerOptions): Promise<Explainer> {
    const { bytes, card, place } = file;
    const { layer: wanted, session } = options;
    const model = architectureOf(card, place);
    const [, height, side] = model.inputShape;
    if (height !== side) throw new Error(`${model.name} sees no squares, so that they cannot be turned.`);
    const layer = chooseLayer(model, wanted, place);
    const { square = Math.round(side / 6), stride = Math.max(Math.round(side / 12), 1) } = options.squares ?? {};
    const squares = { square, stride };
    requireCovering(squares, side);
    const arrays = onnxArrays(bytes);
    const graph = ownGraph(() => buildGradCamGraph({ model, arrays }, layer, VIEWS), model, place);
    const [scale] = arrays.get(LOGIT_SCALE) ?? [1];
    const [offset] = arrays.get(LOGIT_OFFSET) ?? [0];
    const open = await openModelFile(file, session, side);
    const gradCam = await openGraph(graph, session);
    const seen = await openGraph(buildSeenGraph(model), session);
    const calibration = { scale: scale!, offset: offset! };
    return new Explainer({ open, gradCam, seen, layer, side, squares, calibration }, place);
  }

  /**
   * Explains one patch.
   * @param onProgress receives the number of squares done so far
   * @throws UserError if the file's graph and its arrays give different results.
   */
  async explain(patch: RgbImage, onProgress?: (done: number) => void): Promise<Explanation> {
    const image = await this.#seenOf(patch);
    const edges = squareEdges(this.side, this.squares).length;
    const { probabilities, logits } = await this.#classifier.classify(
      1 + edges * edges,
      (first, count, into) => patchAndHidden(image, this.squares, [first, count], into),
      ({ done }) => onProgress?.(done - 1),
    );
    const [probability, logit] = [probabilities[0]!, logits[0]!];
    const logOdds = this.#logOdds(logit);
    const { gradCam, views } = await this.#viewsOf(image, logOdds);
    const drops = Float64Array.from(logits.subarray(1), (one) => logOdds - this.#logOdds(one));
    const occlusion = dropsByPixel(drops, this.side, this.squares);
    const { height, width } = gradCam;
    return {
      ...predictionOf(probability, this.card),
      image,
      logit,
      logOdds,
      views,
      gradCam,
      drops: { height: edges, width: edges, values: drops },
      occlusion,
      agreement: rankCorrelation(gradCam.values, coarsened(occlusion, height, width).values),
    };
  }

  async close(): Promise<void> {
    await this.#classifier.close();
    await this.#gradCam.close();
    await this.#seen.close();
  }

  /**
   * The patch, resized by the model's own graph. Another resize could choose a different pixel if two are equally near.
   */
  async #seenOf({ data, width, height }: RgbImage): Promise<RgbImage> {
    const results = await this.#seen.run({ [PATCHES]: { data, shape: [1, height, width, 3] } });
    const planes = results[SEEN]!.data as Float32Array;
    const [side, pixels] = [this.side, this.side ** 2];
    const seen = Uint8Array.from(planes, (_, index) => planes[(index % 3) * pixels + Math.floor(index / 3)]!);
    return { width: side, height: side, data: seen };
  }

  #logOdds(logit: number): number {
    return this.calibration.scale * logit + this.calibration.offset;
  }

  /** Runs all views at once. The map is the mean over the views that the model averages, each rotated back. */
  async #viewsOf({ data }: RgbImage, logOdds: number): Promise<{ gradCam: NumberMap; views: ViewSpread }> {
    const [side, used] = [this.side, this.card.views];
    const pixels = Buffer.concat(viewsOfSquare(side).map((places) => turned(data, places)));
    const results = await this.#gradCam.run({ [PATCHES]: { data: pixels, shape: [VIEWS, side, side, 3] } });
    const each = Array.from(results[LOGIT]!.data as Float32Array, (logit) => this.#logOdds(logit));
    if (!(Math.abs(mean(each.slice(0, used)) - logOdds) <= TOLERANCE * Math.max(1, Math.abs(logOdds)))) {
      throw new UserError(
        "model-damaged",
        `${this.#place} gives other log odds (${logOdds.toFixed(4)}) than the architecture ${this.card.model} with its arrays ` +
          `(${mean(each.slice(0, used)).toFixed(4)}): restore it, or train again.`,
      );
    }
    const { height, width } = this.layer;
    const values = new Float64Array(height * width);
    const maps = results[MAP]!.data as Float32Array;
    for (const [view, places] of viewsOfSquare(width, used).entries()) {
      places.forEach((place, index) => {
        values[place]! += (this.calibration.scale * maps[view * places.length + index]!) / used;
      });
    }
    return { gradCam: { height, width, values }, views: spreadOf(each) };
  }
}

interface ModelParts {
  readonly open: OpenModel;
  readonly gradCam: Session;
  readonly seen: Session;
  readonly layer: FeatureLayer;
  readonly side: number;
  readonly squares: Squares;
  readonly calibration: { readonly scale: number; readonly offset: number };
}

function chooseLayer(model: ModelDescription, wanted: string | undefined, place: string): FeatureLayer {
  const layers = featureLayers(model);
  const chosen = wanted === undefined ? defaultFeatureLayer(model) : layers.find(({ name }) => name === wanted);
  if (chosen) return chosen;
  const names = layers.map(({ name, height, width }) => `${name} (${height} x ${width})`).join(", ");
  throw new UserError(
    "option-invalid",
    `${place} (architecture: ${model.name}) has no convolution "${wanted}": give --layer one of ${names}.`,
  );
}

function requireCovering({ square, stride }: Squares, side: number): void {
  if (square > side) {
    throw new UserError(
      "option-invalid",
      `--square is ${square}, but the model sees ${side} x ${side} pixels: give ${side} at most.`,
    );
  }
  if (stride > square) {
    throw new UserError(
      "option-invalid",
      `--stride ${stride} leaves pixels between squares of ${square}: give ${square} at most, or a larger --square.`,
    );
  }
}

/** The classifier's input: first the unchanged image, then its copies with one square hidden. */
function patchAndHidden(
  image: RgbImage,
  squares: Squares,
  [first, count]: readonly [number, number],
  into: Uint8Array,
): void {
  const itself = first === 0 ? 1 : 0;
  if (itself) into.set(image.data);
  hideSquares(image, squares, [first + itself - 1, count - itself], into.subarray(itself * image.data.length));
}

/** Builds a graph from a file's arrays. @throws UserError if they do not fit the architecture. */
function ownGraph<T>(build: () => T, { name }: ModelDescription, place: string): T {
  try {
    return build();
  } catch (error) {
    throw new UserError(
      "model-damaged",
      `${place} does not hold the architecture ${name}, as it says (${messageOf(error)}): restore it, or train again.`,
    );
  }
}

/** The pixels of a view: `places` gives the position of each pixel in the original. */
function turned(pixels: Uint8Array, places: Uint32Array): Uint8Array {
  const result = new Uint8Array(pixels.length);
  places.forEach((place, index) => {
    result.set(pixels.subarray(place * 3, place * 3 + 3), index * 3);
  });
  return result;
}

function spreadOf(logOdds: readonly number[]): ViewSpread {
  const meanLogOdds = mean(logOdds);
  return {
    logOdds,
    probabilities: logOdds.map((one) => 1 / (1 + Math.exp(-one))),
    meanLogOdds,
    sdLogOdds: Math.sqrt(mean(logOdds.map((one) => (one - meanLogOdds) ** 2))),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
