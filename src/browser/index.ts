/** cancernet/web: the library for browsers. docs/browser.md describes it. */
export type { ModelCard } from "../artifacts/model_card.ts";
export type { Prediction } from "../reports/prediction.ts";
export type { ScoredCells } from "../scoring/slide.ts";
export { UserError } from "../util/errors.ts";
export type { WebSlide, WebSlidePicture, WebSlideScores } from "./slides/protocol.ts";
export type { ScoreSlideOptions } from "./slides/web_slide.ts";
export type { ModelInput, Picture } from "./sources.ts";
export type { WebDevice } from "./web_devices.ts";
export {
  type ClassifyOptions,
  openWebModel as openModel,
  type PictureAnswer,
  type PictureExplanation,
  type PictureRefusal,
  type WebModel,
  type WebOptions,
} from "./web_model.ts";
