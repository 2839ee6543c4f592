/** The models of the package: they open by name, and give the figures of their cards on the real test part. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { encodePng } from "../../src/histology/image/decode.ts";
import { BUNDLED_MODELS, type BundledModelName } from "../../src/options/bundled_models.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { predictOptions } from "../../src/options/predict.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { RandomStream } from "../../src/system/random.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { predict } from "../../src/workflows/predict.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";

const names = Object.keys(BUNDLED_MODELS) as BundledModelName[];
const data = process.env.IDC_DATA;
const skip = data === undefined && "IDC_DATA is not set";
const at = useFolder("bundled");

before(async () => {
  const pixels = new RandomStream(1, "image").bytes(50 * 50 * 3);
  writeFileSync(at("image.png"), await encodePng({ width: 50, height: 50, data: pixels }));
  if (data === undefined) return;
  const [source, splitLists] = [join(data, "idc-subset.zip"), join(data, "splits")];
  await prepare(prepareOptions.parse({ source, splitLists, out: at("dataset") }), context);
});

for (const name of names) {
  test(`${name} predicts by its name`, async () => {
    const options = predictOptions.parse({ model: name, images: [at("image.png")] });
    const [prediction] = (await predict(options, context)).predictions;
    assert.ok(prediction!.probability > 0 && prediction!.probability < 1);
  });

  test(`${name} has the figures of its card on the test part, and knows none of its cases`, { skip }, async () => {
    const out = at(`${name} report`);
    const { report } = await evaluate(evaluateOptions.parse({ model: name, dataset: at("dataset"), out }), context);
    const card = readFileSync(new URL(`../../models/${name}.md`, import.meta.url), "utf8");
    for (const [title, metric] of [
      ["AUROC", "auroc"],
      ["Balanced accuracy", "balanced_accuracy"],
    ] as const) {
      const figure = Number(new RegExp(`^\\| ${title} \\| ([\\d.]+) `, "m").exec(card)?.[1]);
      // Another processor may round otherwise.
      assert.ok(Math.abs(report.metrics[metric].value! - figure) < 2e-3, `${title}: ${report.metrics[metric].value}`);
    }
    assert.ok(card.includes(report.model_sha256));
    assert.equal(report.dataset.same_as_in_training, true);
  });
}
