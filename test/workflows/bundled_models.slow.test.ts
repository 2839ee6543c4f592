/** The models of the package: they open by name, their cards are theirs, and what they know of the real test part. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodePng } from "../../src/histology/image/decode.ts";
import { BUNDLED_MODELS, type BundledModelName } from "../../src/options/bundled_models.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { predictOptions } from "../../src/options/predict.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { reportWarnings } from "../../src/reports/evaluation/text.ts";
import { sha256OfFile } from "../../src/system/files.ts";
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

  test(`the card of ${name} is that of its file`, async () => {
    const sha256 = await sha256OfFile(fileURLToPath(new URL(`../../models/${name}.onnx`, import.meta.url)));
    assert.ok(cardOf(name).includes(sha256));
  });
}

for (const name of names) {
  test(`${name} knows the cases of the test part, and evaluate says so`, { skip }, async () => {
    const options = evaluateOptions.parse({ model: name, dataset: at("dataset"), out: at(`${name} report`) });
    const { report } = await evaluate(options, context);
    const { leakage } = report;
    assert.ok(!leakage.checked && leakage.known);
    assert.equal(leakage.known.cases, report.cases);
    assert.match(reportWarnings(report).join("\n"), /^Leakage: 49 cases of test were used to make the model/m);
    assert.equal(report.model.calibrated_on, "crossvalidation");
    // What it has learned it classifies better than what its card promises for new cases.
    const expected = Number(/^\| AUROC \| ([\d.]+) /m.exec(cardOf(name))?.[1]);
    assert.ok(expected > 0.89 && report.metrics.auroc.value! > expected, `${report.metrics.auroc.value}`);
  });
}

const cardOf = (name: BundledModelName) => readFileSync(new URL(`../../models/${name}.md`, import.meta.url), "utf8");
