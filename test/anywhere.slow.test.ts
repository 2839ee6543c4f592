/** What is to run anywhere is bundled for a browser: no module of Node, and no package with native code, is in it. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ANYWHERE, NEEDS_NODE, runsAnywhere } from "../scripts/architecture_rules.ts";
import { withoutUnused } from "../scripts/build_browser.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("what is to run anywhere is bundled for a browser, and asks for nothing of Node", async () => {
  const files = ANYWHERE.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
      .map((path) => room + path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(".ts") && runsAnywhere(path))
      .map((path) => join(ROOT, path)),
  );
  assert.ok(files.length > 50, `only ${files.length} files`);
  const { metafile, outputFiles, warnings } = await build({
    stdin: { contents: files.map((path) => `export * from ${JSON.stringify(path)};`).join("\n"), resolveDir: ROOT },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    plugins: [withoutUnused],
    loader: { ".css": "empty" },
    jsx: "automatic",
    jsxImportSource: "preact",
    format: "esm",
    minify: true,
    logLevel: "silent",
  });
  assert.deepEqual(
    warnings.map(({ text }) => text),
    [],
  );
  const inputs = Object.entries(metafile.inputs);
  for (const file of ["src/reports/evaluation/page.ts", "src/engine/classification/classifier.ts"]) {
    assert.ok(
      inputs.some(([path]) => path.endsWith(file)),
      file,
    );
  }
  const imported = inputs.flatMap(([path, { imports }]) => imports.map((one) => `${path}: ${one.path}`));
  assert.deepEqual(
    imported.filter((one) => NEEDS_NODE.test(one.split(": ").at(-1)!) || one.includes("node_modules/sharp")),
    [],
  );
  assert.doesNotMatch(outputFiles[0]!.text, /\b(?:require|from)\s*\(?"node:/);
});
