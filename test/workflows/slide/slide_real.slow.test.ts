/** Real slides whose patches are in the published data: the same probabilities as of those patches, and the labels' metrics. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { openModel } from "../../../src/artifacts/open_model.ts";
import { readPlace } from "../../../src/histology/dataset/file_place.ts";
import { openSource } from "../../../src/histology/dataset/open_source.ts";
import { type Candidate, parsePath } from "../../../src/histology/dataset/parse_path.ts";
import { RECORD_BYTES, toRecord } from "../../../src/histology/dataset/record.ts";
import { decodeImage } from "../../../src/histology/image/decode.ts";
import { slideOptions } from "../../../src/options/slide.ts";
import { toCsv } from "../../../src/util/csv.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { context } from "../../support/cohort.ts";
import { useFolder } from "../../support/folder.ts";
import { cancernetAlone } from "../../support/inputs.ts";
import { probabilitiesIn } from "./scored.ts";

const data = process.env.IDC_DATA;
const skip = data === undefined && "IDC_DATA is not set";
const CASES = ["8917", "9023"] as const;
const at = useFolder("real slide");

interface Patch extends Candidate {
  readonly record: Uint8Array;
}

const patches = new Map<string, Patch[]>();

before(async () => {
  if (data === undefined) return;
  writeFileSync(at("alone.onnx"), cancernetAlone());
  const source = await openSource(join(data, "idc-subset.zip"));
  const known = source.paths.map((path) => parsePath(path)).filter((one): one is Candidate => "caseId" in one);
  for (const caseId of CASES) {
    const own = known.filter((one) => one.caseId === caseId);
    const read = own.map(async (one) => ({
      ...one,
      record: toRecord(await decodeImage(readPlace(source.locate(one.path)), one.id)),
    }));
    patches.set(caseId, await Promise.all(read));
  }
  await source.close();
  const rows = [...patches.values()].flat().map(({ id, caseId, x, y, label }) => [id, caseId, x!, y!, label]);
  writeFileSync(at("manifest.csv"), toCsv(["id", "case", "x", "y", "class"], rows));
});

/** The probabilities of the patches by themselves. */
async function probabilitiesOf(caseId: string): Promise<Map<string, number>> {
  const own = patches.get(caseId)!;
  const opened = await openModel(at("alone.onnx"), { threads: 2 });
  const { probabilities } = await opened.classifier.classify(own.length, (first, count, into) => {
    for (let place = 0; place < count; place++) into.set(own[first + place]!.record, place * RECORD_BYTES);
  });
  await opened.classifier.close();
  return new Map(own.map(({ x, y }, index) => [`${x! - 1},${y! - 1}`, probabilities[index]!]));
}

async function scored(model: string, file: string) {
  const out = at(`${basename(model)} ${file}`);
  const options = {
    model,
    slides: [join(data!, "slides", file)],
    out,
    labels: at("manifest.csv"),
    threads: 2,
  };
  const [outcome] = (await slide(slideOptions.parse(options), context)).outcomes;
  return {
    report: outcome!.report!,
    probabilities: probabilitiesIn(readFileSync(join(out, "probabilities.csv"), "utf8")),
  };
}

test("of the PNG slide 8917 each patch has exactly the probability of its file", { skip }, async () => {
  const known = await probabilitiesOf("8917");
  const { probabilities, report } = await scored(at("alone.onnx"), "8917.png");
  assert.equal(report.agreement!.unscored, 0);
  for (const [place, probability] of known) assert.equal(Math.fround(probabilities.get(place)!), probability, place);
});

test("of the JPEG slide 9023 each patch has the probability of its file up to what JPEG loses", { skip }, async () => {
  const known = await probabilitiesOf("9023");
  const { probabilities, report } = await scored(at("alone.onnx"), "9023.tif");
  assert.equal(report.agreement!.unscored, 0);
  const differences = [...known]
    .map(([place, probability]) => Math.abs(probabilities.get(place)! - probability))
    .sort((a, b) => a - b);
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  assert.ok(mean < 0.02, `mean difference ${mean}`);
  assert.ok(
    differences[Math.floor(differences.length * 0.99)]! < 0.2,
    `99 % are below ${differences[Math.floor(differences.length * 0.99)]}`,
  );
});

test("the model of the package ranks the patches of both slides as their labels do", { skip }, async () => {
  // It has learned from these cases. This shows that places and labels belong together, not how good the model is.
  for (const [file, auroc] of [
    ["8917.png", 0.85],
    ["9023.tif", 0.95],
  ] as const) {
    const { report } = await scored("idc", file);
    assert.ok(report.agreement!.metrics.auroc! > auroc, `${file}: ${report.agreement!.metrics.auroc}`);
  }
});
