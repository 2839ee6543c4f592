/** One flipped byte anywhere in a dataset's or a model's file is noticed when it is opened, and the file is named. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import fc from "fast-check";
import { openModel } from "../../src/artifacts/open_model.ts";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { UserError } from "../../src/util/errors.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { COHORT } from "../hostile/zip_support.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { modelBytes } from "../support/inputs.ts";
import { zipFile } from "../support/zip.ts";
import { runs } from "./runs.ts";

const at = useFolder("whole");

before(async () => {
  writeFileSync(at("archive.zip"), zipFile(COHORT));
  await prepare(prepareOptions.parse({ source: at("archive.zip"), out: at("dataset") }), context);
  writeFileSync(at("model.onnx"), modelBytes("cancernet"));
});

const open = {
  dataset: async () => (await openDataset(at("dataset"))).close(),
  model: async () => (await openModel(at("model.onnx"), { threads: 1, device: "cpu" })).classifier.close(),
};

/** Each file, what opens it, and whether a change may leave its meaning as it was. */
const FILES: readonly {
  path: string;
  opens: keyof typeof open;
  sameMeaning: (bytes: Buffer, whole: Buffer) => boolean;
}[] = [
  { path: "dataset/patches.bin", opens: "dataset", sameMeaning: () => false },
  { path: "dataset/manifest.csv", opens: "dataset", sameMeaning: () => false },
  { path: "dataset/dataset.json", opens: "dataset", sameMeaning: sameJson },
  { path: "model.onnx", opens: "model", sameMeaning: () => false },
];

/** White space in JSON may be exchanged for other white space. */
function sameJson(bytes: Buffer, whole: Buffer): boolean {
  const packed = (text: Buffer) => text.toString("latin1").replace(/[ \t\r\n]/g, " ");
  return packed(bytes) === packed(whole);
}

/** The sentence that refuses the changed file, or undefined if it was opened. */
async function refusal(path: string, bytes: Buffer, opens: () => Promise<void>): Promise<string | undefined> {
  const whole = readFileSync(path);
  writeFileSync(path, bytes);
  try {
    await opens();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  } finally {
    writeFileSync(path, whole);
  }
}

test("the files as they were written are opened", async () => {
  for (const opens of Object.values(open)) await opens();
});

const parameters = runs(200);
for (const { path, opens, sameMeaning } of FILES) {
  const name = path.split("/").at(-1)!;
  test(`${parameters.numRuns} of ${parameters.numRuns} flipped bytes in ${name} are noticed, and the file is named`, async () => {
    const whole = readFileSync(at(path));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const bytes = Buffer.from(whole);
        bytes[place]! ^= change;
        fc.pre(!sameMeaning(bytes, whole));
        const message = await refusal(at(path), bytes, open[opens]);
        assert.ok(message?.includes(name), `byte ${place} changed by ${change}: ${message ?? "not noticed"}`);
      }),
      parameters,
    );
  });
}
