/** Every verb reads a model file once: what a report says of the model is about the very bytes that were run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { slideOptions } from "../../src/options/slide.ts";
import { sha256OfFile } from "../../src/system/files.ts";
import { type Progress, silent } from "../../src/util/reporter.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { slide } from "../../src/workflows/slide.ts";
import { CANNOT_TRACE } from "../privacy/trace.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { drawSlide, writePatches } from "./slide/scored.ts";

const SPLITS = { train: "90002", val: "90003", test: "90001" };
const at = useFolder("reads");

before(async () => {
  mkdirSync(at("splits"));
  for (const [split, caseId] of Object.entries(SPLITS)) {
    const drawn = drawSlide({ seed: Number(caseId), caseId, columns: 4, rows: 4 });
    await writePatches(drawn, at("patches"), caseId);
    writeFileSync(at(`${caseId}.png`), await encodePng(drawn));
    writeFileSync(at("splits", `cases_${split}.txt`), `${caseId}\n`);
  }
  await prepare(prepareOptions.parse({ source: at("patches"), splitLists: at("splits"), out: at("dataset") }), context);
});

/** Each verb with a model of its own: the calls of a program that uses the library. */
const CALLS = {
  predict: `predict({ model, images: ["90001.png"], device: "auto" }, context)`,
  evaluate: `evaluate({ model, dataset: "dataset", out, device: "auto" }, context)`,
  explain: `explain({ model, images: ["90001.png"], out }, context)`,
  slide: `slide({ model, slides: ["90001.png"], scale: 1, out, device: "auto" }, context)`,
  export: `exportModel({ model, out }, context)`,
  calibrate: `calibrate({ model, dataset: "dataset", out }, context)`,
  addContext: `addContext({ model, dataset: "dataset", out }, context)`,
};

test("predict, evaluate, explain, slide, export, calibrate and add-context open the model's file once", {
  skip: CANNOT_TRACE,
}, () => {
  const names = Object.keys(CALLS);
  for (const name of names) copyFileSync(bundledModelPath("idc")!, at(`model-${name}.onnx`));
  const program = `
    import { addContext, calibrate, evaluate, explain, exportModel, predict, silent, slide } from ${JSON.stringify(pathToFileURL(resolve("src/index.ts")))};
    const context = { reporter: silent, signal: new AbortController().signal };
    const calls = { ${Object.entries(CALLS)
      .map(([name, call]) => `${name}: (model, out) => ${call}`)
      .join(", ")} };
    for (const [name, call] of Object.entries(calls)) await call(\`model-\${name}.onnx\`, \`out-\${name}\`);`;
  const trace = ["-f", "-qq", "-e", "trace=?open,?openat,?openat2", "-o", at("log")];
  const node = [process.execPath, "--input-type=module", "--eval", program];
  const { status, stderr } = spawnSync("strace", [...trace, ...node], {
    cwd: at(),
    encoding: "utf8",
    // Of the ways in which Node may open files, strace sees all but io_uring.
    env: { ...process.env, UV_USE_IO_URING: "0" },
  });
  assert.equal(status, 0, stderr);
  const log = readFileSync(at("log"), "utf8");
  const opened = names.map((name) => [name, log.split(`model-${name}.onnx"`).length - 1]);
  assert.deepEqual(
    opened,
    names.map((name) => [name, 1]),
  );
});

test("a model's file that is replaced while the model runs does not change what the report says of it", async () => {
  const model = at("replaced.onnx");
  const sha256 = await sha256OfFile(bundledModelPath("idc")!);
  const replacing = {
    ...silent,
    progress: ({ task }: Progress) => {
      if (task === "evaluate" || task === "score") writeFileSync(model, "another model");
    },
  };
  copyFileSync(bundledModelPath("idc")!, model);
  const evaluation = { model, dataset: at("dataset"), out: at("evaluation") };
  const { report } = await evaluate(evaluateOptions.parse(evaluation), { ...context, reporter: replacing });
  assert.equal(readFileSync(model, "utf8"), "another model");
  assert.equal(report.model_sha256, sha256);
  copyFileSync(bundledModelPath("idc")!, model);
  const scoring = { model, slides: [at("90001.png")], scale: 1, out: at("slide") };
  const { outcomes } = await slide(slideOptions.parse(scoring), { ...context, reporter: replacing });
  assert.equal(readFileSync(model, "utf8"), "another model");
  assert.equal(outcomes[0]!.report!.model_sha256, sha256);
});
