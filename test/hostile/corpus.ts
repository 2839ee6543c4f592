/** The families of hostile input, by name, and the sound files that they are made from. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareOptions } from "../../src/options/prepare.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { context } from "../support/cohort.ts";
import { modelBytes } from "../support/inputs.ts";
import { zipFile } from "../support/zip.ts";
import { configInputs } from "./configs.ts";
import { jpegInputs } from "./jpeg.ts";
import type { HostileInput } from "./judge.ts";
import { kerasInputs } from "./keras.ts";
import { onnxInputs } from "./onnx.ts";
import { optionInputs } from "./options.ts";
import { pngInputs } from "./png.ts";
import { scannerInputs } from "./scanners.ts";
import { slideInputs } from "./slides.ts";
import { tableInputs } from "./tables.ts";
import { zipInputs } from "./zip.ts";
import { COHORT } from "./zip_support.ts";

/** Sound files. */
export interface Fixtures {
  readonly model: Uint8Array;
  /** A prepared dataset, by the files' paths in its folder. */
  readonly dataset: Readonly<Record<string, Buffer>>;
  /** The archive that it was prepared from. */
  readonly archive: Buffer;
}

/** Makes the sound files in a folder. */
export async function makeFixtures(folder: string): Promise<Fixtures> {
  const archive = zipFile(COHORT);
  const source = join(folder, "archive.zip");
  writeFileSync(source, archive);
  const out = join(folder, "dataset");
  await prepare(prepareOptions.parse({ source, out }), context);
  const entries = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  const dataset = Object.fromEntries(paths.map((path) => [path.slice(out.length + 1), readFileSync(path)]));
  return {
    model: modelBytes("cancernet"),
    dataset,
    archive,
  };
}

export const FAMILIES: Readonly<Record<string, (fixtures: Fixtures) => HostileInput[] | Promise<HostileInput[]>>> = {
  png: pngInputs,
  "jpeg, tiff, webp": jpegInputs,
  zip: zipInputs,
  tables: tableInputs,
  models: onnxInputs,
  "Keras files": kerasInputs,
  slides: slideInputs,
  "slides of scanners, DICOM": scannerInputs,
  "command lines": optionInputs,
  "configuration files": configInputs,
};
