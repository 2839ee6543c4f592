/** What is to run anywhere is bundled for a browser: no module of Node, and no package with native code, is in it. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ANYWHERE, NEEDS_NODE } from "../scripts/architecture_rules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("options, metrics, reports and util are bundled for a browser, and ask for nothing of Node", async () => {
  const files = ANYWHERE.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(ROOT, room, path)),
  );
  assert.ok(files.length > 50, `only ${files.length} files`);
  const { metafile, outputFiles, warnings } = await build({
    stdin: { contents: files.map((path) => `export * from ${JSON.stringify(path)};`).join("\n"), resolveDir: ROOT },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
    minify: true,
    logLevel: "silent",
  });
  assert.deepEqual(
    warnings.map(({ text }) => text),
    [],
  );
  const inputs = Object.entries(metafile.inputs);
  assert.ok(inputs.some(([path]) => path.endsWith("src/reports/evaluation/page.ts")));
  const imported = inputs.flatMap(([path, { imports }]) => imports.map((one) => `${path}: ${one.path}`));
  assert.deepEqual(
    imported.filter((one) => NEEDS_NODE.test(one.split(": ").at(-1)!) || one.includes("node_modules/sharp")),
    [],
  );
  assert.doesNotMatch(outputFiles[0]!.text, /\b(?:require|from)\s*\(?"node:/);
});
