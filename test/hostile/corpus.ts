/** The families of hostile input, by name, and the sound files that they are made from. */

import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/model.ts";
import { modelFile } from "../../src/workflows/model_file.ts";
import { jpegInputs } from "./jpeg.ts";
import type { HostileInput } from "./judge.ts";
import { pngInputs } from "./png.ts";
import { zipInputs } from "./zip.ts";

/** Sound files. */
export interface Fixtures {
  readonly model: Uint8Array;
}

export async function makeFixtures(): Promise<Fixtures> {
  const card = { threshold: 0.5, dataset_sha256: "0".repeat(64), epoch: 1, seed: 1, recipe: "default" };
  return { model: modelFile(MODELS.cancernet, initialize(MODELS.cancernet, 1), card) };
}

export const FAMILIES: Readonly<Record<string, (fixtures: Fixtures) => HostileInput[] | Promise<HostileInput[]>>> = {
  png: pngInputs,
  "jpeg, tiff, webp": jpegInputs,
  zip: zipInputs,
};
