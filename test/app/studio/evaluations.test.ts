/** The routes of evaluations without a socket: the report, the predictions exactly, comparisons as the command's. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import fc from "fast-check";
import { Hono } from "hono";
import {
  type ComparisonAnswer,
  decodePredictions,
  type EvaluationAnswer,
  encodePredictions,
  NO_RECORD,
} from "../../../src/app/api/evaluations.ts";
import { answerTo } from "../../../src/app/server/refusals.ts";
import { evaluationRoutes } from "../../../src/app/server/routes/evaluations.ts";
import { Workspace } from "../../../src/app/server/workspace/workspace.ts";
import { leftOutLines } from "../../../src/reports/comparison/text.ts";
import type { EvaluationReport } from "../../../src/reports/evaluation/report.ts";
import { fromCsv } from "../../../src/util/csv.ts";
import { compare } from "../../../src/workflows/compare.ts";
import { context } from "../../support/cohort.ts";
import { jsonOf, useFolder } from "../../support/folder.ts";
import { writeDatasetOf, writeEvaluation } from "./written_evaluation.ts";

const at = useFolder("evaluations");
const SMALL = { cases: 6, patchesPerCase: 12 };
let report: EvaluationReport;
let workspace: Workspace;
const ids: Record<string, string> = {};

before(async () => {
  report = writeEvaluation(at("one"), SMALL);
  writeEvaluation(at("two"), { ...SMALL, answers: 5, threshold: 0.6 });
  writeEvaluation(at("others"), { ...SMALL, patchesPerCase: 13 });
  writeDatasetOf(at("dataset"), SMALL);
  workspace = await Workspace.open(at());
  for (const { path, id } of await workspace.items()) ids[path] = id;
});

/** The status and the answer of a request. */
async function ask(path: string) {
  const app = new Hono()
    .route("/api", evaluationRoutes({ workspace }))
    .onError((error) => answerTo(error, { root: "/", report: (bug) => assert.fail(String(bug)) }));
  const answer = await app.request(`/api${path}`);
  return { status: answer.status, bytes: await answer.arrayBuffer() };
}

async function json<T>(path: string): Promise<T> {
  const { status, bytes } = await ask(path);
  assert.equal(status, 200, Buffer.from(bytes).toString());
  return JSON.parse(Buffer.from(bytes).toString());
}

test("the report is that of the file, with its hash and where model and dataset are", async () => {
  const answer = await json<EvaluationAnswer>(`/evaluations/${ids.one}`);
  assert.deepEqual(answer.report, jsonOf(at("one", "report.json")));
  assert.equal(
    answer.reportSha256,
    createHash("sha256")
      .update(readFileSync(at("one", "report.json")))
      .digest("hex"),
  );
  assert.deepEqual(answer.dataset, { id: ids.dataset, path: "dataset" });
  assert.equal(answer.model, null, "the command names a folder with a space");
  assert.equal(answer.report.metrics.auroc.value, report.metrics.auroc.value);
});

test("the predictions are those of the file to the last bit, with their records", async () => {
  const { bytes } = await ask(`/evaluations/${ids.one}/predictions`);
  const columns = decodePredictions(bytes);
  const rows = fromCsv(readFileSync(at("one", "predictions.csv"), "utf8"), ["case", "label", "probability"], "one");
  assert.equal(rows.length, 72);
  assert.deepEqual(
    rows.map((row) => [row.case, Number(row.label), Number(row.probability)]),
    rows.map((_, i) => [columns.cases[columns.caseOf[i]!], columns.labels[i], columns.probabilities[i]]),
  );
  assert.deepEqual([...columns.records], [...rows.keys()]);
});

test("without its dataset, no patch has a record", async () => {
  const { bytes } = await ask(`/evaluations/${ids.others}/predictions`);
  assert.ok(decodePredictions(bytes).records.every((record) => record === NO_RECORD));
});

test("columns of any length and any name of a case survive the bytes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ p: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.integer({ min: 0, max: 1 }) })),
      fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }),
      (patches, cases) => {
        const columns = {
          labels: Uint8Array.from(patches, ({ label }) => label),
          probabilities: Float64Array.from(patches, ({ p }) => p),
          caseOf: Uint32Array.from(patches, (_, i) => i % cases.length),
          records: Uint32Array.from(patches, (_, i) => i * 7),
          cases,
        };
        assert.deepEqual(decodePredictions(encodePredictions(columns).buffer), columns);
      },
    ),
    { numRuns: 50 },
  );
});

test("a comparison is that of the command, under the paths of the studio's folder", async () => {
  const answer = await json<ComparisonAnswer>(`/compare?ids=${ids.one},${ids.two}`);
  assert.equal(answer.command, "cancernet compare one two");
  const own = await compare({ runs: [at("one"), at("two")] }, context);
  const named = JSON.parse(JSON.stringify(own).replaceAll(at("one"), "one").replaceAll(at("two"), "two"));
  assert.deepEqual(answer.comparison, named);
  assert.notEqual(answer.comparison.differences[0]!.metrics.auroc.value, 0);
});

test("cases with corrected labels are left out, as the command leaves them out", async () => {
  const changed = jsonOf(at("two", "report.json"));
  const corrected = { ...changed, dataset: { ...changed.dataset, sha256: "f".repeat(64), corrected_cases: ["8001"] } };
  writeFileSync(at("two", "report.json"), JSON.stringify(corrected));
  const { comparison } = await json<ComparisonAnswer>(`/compare?ids=${ids.one},${ids.two}`);
  const own = await compare({ runs: [at("one"), at("two")] }, context);
  assert.deepEqual(comparison.left_out, ["8001"]);
  assert.equal(comparison.patches, 60);
  assert.deepEqual(comparison.differences[0]!.metrics, own.differences[0]!.metrics);
  assert.match(leftOutLines(comparison).join(), /^1 test case left out, because .*: 8001\.$/);
});

test("what cannot be answered is refused in the command's sentence", async () => {
  const refused = async (path: string, status: number, sentence: RegExp) => {
    const { status: got, bytes } = await ask(path);
    const { message } = JSON.parse(Buffer.from(bytes).toString());
    assert.equal(got, status, message);
    assert.match(message, sentence);
    assert.ok(!message.includes(at()), `${message} names the folder's place`);
  };
  await refused(
    `/compare?ids=${ids.one},${ids.others}`,
    400,
    /^one \(test\) and others \(test\) are not of the same patches: only .* has .* patch.*, such as patch \d+; evaluate both on the same split of the same dataset\.$/,
  );
  await refused(`/compare?ids=${ids.one}`, 400, /two or more/);
  await refused(`/compare?ids=${ids.one},nothing`, 404, /no evaluation of that id/);
  await refused("/evaluations/nothing", 404, /no evaluation of that id/);
  await refused(`/evaluations/${ids.dataset}/predictions`, 404, /no evaluation of that id/);
  const text = readFileSync(at("two", "predictions.csv"), "utf8");
  writeFileSync(at("two", "predictions.csv"), text.replace(/\n[^\n]+\n$/, "\n"));
  await refused(
    `/evaluations/${ids.two}/predictions`,
    400,
    /^two\/predictions.csv does not belong to the report.json beside it/,
  );
  rmSync(at("two", "predictions.csv"));
  await refused(`/evaluations/${ids.two}/predictions`, 400, /two\/predictions.csv/);
});

test("a report of an earlier version is refused by name", async () => {
  const { roc: _, ...older } = jsonOf(at("others", "report.json"));
  writeFileSync(at("others", "report.json"), JSON.stringify(older));
  const { status, bytes } = await ask(`/evaluations/${ids.others}`);
  assert.equal(status, 400);
  assert.match(Buffer.from(bytes).toString(), /others\/report.json.*roc.*evaluate again/);
});
