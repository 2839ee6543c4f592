/** The examples of docs/library.md, docs/errors.md and the README, as a user would write them: they have the right types, and they run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { MODELS } from "../src/engine/models/table.ts";
import { encodePng } from "../src/histology/image/decode.ts";
import { writeCohort } from "../src/histology/synthetic/cohort.ts";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import { archive } from "./engine/keras/files.ts";
import { kerasNetwork } from "./engine/keras/network.ts";
import { cutOut } from "./histology/slide/support/memory_slide.ts";
import { extractor, randomFeatures } from "./workflows/probe/extractors.ts";

const INDEX = resolve("src/index.ts");
let folder = "";

/** The examples of a page in TypeScript, by the heading above each. */
function examplesOf(page: string): { title: string; code: string }[] {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(({ 1: code, index }) => {
    const title = [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)![1]!;
    return { title, code: code!.replaceAll('from "cancernet"', `from ${JSON.stringify(INDEX)}`) };
  });
}

const examples = [...examplesOf("docs/library.md"), ...examplesOf("docs/errors.md"), ...examplesOf("README.md")];
const fileOf = (index: number) => `example${index + 1}.ts`;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cancernet library "));
  await writeCohort({ folder: join(folder, "patches"), seed: 1, cases: 8, patchesPerCase: 40, encodePng });
  const slide = renderSlide({ seed: 2, caseId: "slide", columns: 6, rows: 5, idcShare: 0.4 });
  writeFileSync(join(folder, "slide.png"), await encodePng(slide));
  const patch = await encodePng(cutOut(slide, { x: 100, y: 100, width: 50, height: 50 }));
  for (const name of ["patch.png", "image.png"]) writeFileSync(join(folder, name), patch);
  const { layers } = await kerasNetwork(MODELS.cancernet, 1);
  writeFileSync(join(folder, "cancernet.keras"), await archive(layers));
  writeFileSync(join(folder, "extractor.onnx"), extractor({ shape: ["batch", 3, 12, 12], features: randomFeatures() }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [index, { code }] of examples.entries()) writeFileSync(join(folder, fileOf(index)), code);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("the examples have the right types", () => {
  // The paths are absolute only here; a user's import is "cancernet".
  const options = { typeRoots: [resolve("node_modules/@types")], rewriteRelativeImportExtensions: false };
  const include = ["*.ts", resolve("src/**/*.d.ts")];
  const config = { extends: resolve("tsconfig.json"), compilerOptions: options, include, exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", folder], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});

for (const [index, { title }] of examples.entries()) {
  test(`the example "${title}" runs`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, fileOf(index))], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
  });
}
