/** What verbs read besides datasets, as bytes: a model, weights of Keras, an extractor, a slide and a patch of it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { before } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { onnxArrays } from "../../src/engine/graph/read_onnx.ts";
import { MODELS, type ModelName } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { archive } from "../engine/keras/files.ts";
import { kerasNetwork } from "../engine/keras/network.ts";
import { cut } from "../histology/slide/support/pictures.ts";
import { extractor, randomFeatures } from "../workflows/probe/extractors.ts";
import { drawDataset } from "./cohort.ts";
import { type At, useFolder } from "./folder.ts";
import { smallJournal } from "./journal.ts";

/** What a model's card says of a training, for a model that was not trained. */
export const CARD = { dataset_sha256: "0".repeat(64), epoch: 1, seed: 1, recipe: "default" };

/** A model with its starting weights. */
export const modelBytes = (name: ModelName, card: Parameters<typeof modelFile>[1] = CARD) =>
  modelFile({ model: MODELS[name], arrays: initialize(MODELS[name], 1) }, card);

/** The package's CancerNet without its neighbours and calibration, for tests of what a patch is by itself. */
export const cancernetAlone = () =>
  modelFile(
    { model: MODELS.cancernet, arrays: onnxArrays(readFileSync(bundledModelPath("cancernet")!)), views: 8 },
    CARD,
  );

/** CancerNet's starting weights as Keras 3 saves them. */
export const kerasBytes = async () => archive((await kerasNetwork(MODELS.cancernet, 1)).layers);

/** An extractor of features for patches of 12 pixels. */
export const extractorBytes = () => extractor({ shape: ["batch", 3, 12, 12], features: randomFeatures() });

const drawn = () => renderSlide({ seed: 2, caseId: "slide", columns: 6, rows: 5, idcShare: 0.4 });

/** A slide of 300 x 250 pixels as a PNG. */
export const slidePng = () => encodePng(drawn());

/** A patch out of it as a PNG. */
export const patchPng = () => encodePng(cut(drawn(), { x: 100, y: 100, width: 50, height: 50 }));

/** A path in a folder that holds an input for every verb while the tests of a file run; `more` is made after them. */
export function useInputs(more?: () => Promise<unknown>): At {
  const at = useFolder("verbs");
  before(async () => {
    await drawDataset(at);
    await smallJournal(at("journal.jsonl"), at("dataset"));
    writeFileSync(at("model.onnx"), modelBytes("compact"));
    writeFileSync(at("weights.keras"), await kerasBytes());
    writeFileSync(at("extractor.onnx"), extractorBytes());
    mkdirSync(at("slides"));
    for (const name of ["one.png", "two.png"]) writeFileSync(at("slides", name), await slidePng());
    writeFileSync(at("settings.csv"), "name,model,epochs,views\nsmall,compact,1,1\n");
    writeFileSync(at("patch.png"), await patchPng());
    await more?.();
  });
  return at;
}
