/** The package's own files are found, and each script of a thread or process that the sources name exists. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { ownFile, ownKernels, ownScript } from "../../src/system/own_files.ts";
import { refused } from "../support/refused.ts";

test("files are named from the package's folder", () => {
  assert.equal(ownFile("package.json"), resolve("package.json"));
  assert.equal(ownFile(""), join(resolve(), "/"));
});

test("each script that the sources name is one of them", () => {
  const names = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => [...readFileSync(join("src", path), "utf8").matchAll(/\bownScript\("(.+?)"\)/g)])
    .map(([, name]) => name!);
  assert.ok(names.length >= 9, `only ${names.length} found`);
  for (const name of names) assert.ok(existsSync(ownScript(name)), name);
});

test("a script that is missing is named in a sentence", () => {
  assert.throws(
    () => ownScript("util/none"),
    refused("installation-damaged", `The script ${resolve("src/util/none.ts")} of cancernet is missing`),
  );
});

test("kernels that are not built are refused by name", () => {
  for (const folder of ["engine/fused", "engine/inference", "histology/image"])
    assert.ok(ownKernels(folder).length > 0);
  assert.throws(
    () => ownKernels("util"),
    refused("installation-damaged", `The kernels are not built: ${resolve("dist/util/kernels.wasm")} is missing`),
  );
});
