/**
 * Builds dist/: compiles the kernels to WebAssembly, and the rest of src/ to JavaScript
 * and type declarations, because Node does not strip types inside node_modules. Then bundles the programs, and writes
 * the entry files of the package.
 */

import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { buildBrowser } from "./build_browser.ts";
import { buildPage } from "./build_page.ts";
import { buildProgram } from "./build_program.ts";
import { writeEntries } from "./entries.ts";

/** For each folder with kernels, the sources whose functions its module exports. They import the other sources. */
const KERNELS = {
  "engine/fused": ["planes", "sampling", "depthwise", "pointwise", "moments", "normalize", "unpool", "optimizers"],
  "engine/inference": ["load", "depthwise", "multiply", "multiply_pooled", "average"],
  "histology/image": ["unfilter"],
};

rmSync("dist", { recursive: true, force: true });
for (const [room, names] of Object.entries(KERNELS)) {
  build("asc", [
    ...names.map((name) => `src/${room}/kernels/${name}.ts`),
    ...["--outFile", `dist/${room}/kernels.wasm`, "--importMemory", "--runtime", "stub"],
    ...["-O3", "--converge", "--noAssert", "--enable", "simd"],
    // Disables the warning about vectors as arguments: only functions inside the module take vectors.
    ...["--disableWarning", "112"],
  ]);
}
build("tsc", ["-p", "tsconfig.build.json"]);
build("vite", ["build", "--config", "scripts/page.vite.ts", "--logLevel", "warn"]);
build("tsc", ["-p", "tsconfig.browser.json"]);
await buildBrowser("dist/browser");
await buildPage("dist/page");
await buildProgram("dist");
await writeEntries("dist");
// npm makes this file executable only when it installs the package.
chmodSync("dist/app/cli/main.js", 0o755);

function build(program: string, args: readonly string[]): void {
  const { status } = spawnSync("npx", ["--no-install", program, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
