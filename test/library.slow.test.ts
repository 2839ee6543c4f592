/** The examples of docs/library.md, docs/errors.md and the README, as a user would write them: they have the right types, and they run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { drawCohort } from "./support/cohort.ts";
import { useFolder } from "./support/folder.ts";
import { extractorBytes, kerasBytes, patchPng, slidePng } from "./support/inputs.ts";

const INDEX = resolve("src/index.ts");
const at = useFolder("library");

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
  await drawCohort(at, { patchesPerCase: 40 });
  writeFileSync(at("slide.png"), await slidePng());
  const patch = await patchPng();
  for (const name of ["patch.png", "image.png"]) writeFileSync(at(name), patch);
  writeFileSync(at("cancernet.keras"), await kerasBytes());
  writeFileSync(at("extractor.onnx"), extractorBytes());
  writeFileSync(at("package.json"), '{ "type": "module" }');
  for (const [index, { code }] of examples.entries()) writeFileSync(at(fileOf(index)), code);
});

test("the examples have the right types", () => {
  // The paths are absolute only here; a user's import is "cancernet".
  const options = { typeRoots: [resolve("node_modules/@types")], rewriteRelativeImportExtensions: false };
  const include = ["*.ts", resolve("src/**/*.d.ts")];
  const config = { extends: resolve("tsconfig.json"), compilerOptions: options, include, exclude: [] };
  writeFileSync(at("tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", at()], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});

for (const [index, { title }] of examples.entries()) {
  test(`the example "${title}" runs`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [at(fileOf(index))], {
      cwd: at(),
      encoding: "utf8",
    });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
  });
}
