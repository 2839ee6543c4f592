/**
 * Builds dist/: the kernels of src/engine/fused/kernels/ as WebAssembly, and from the rest of src/ plain JavaScript and type
 * declarations, because Node strips no types inside node_modules. Then the files that the package's users load first.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { writeEntries } from "./entries.ts";

/** The kernel sources whose exports are the module's; they import the others. */
const KERNELS = ["planes", "sampling", "depthwise", "pointwise", "moments", "normalize", "unpool", "optimizers"].map(
  (name) => `src/engine/fused/kernels/${name}.ts`,
);

rmSync("dist", { recursive: true, force: true });
build("asc", [
  ...KERNELS,
  ...["--outFile", "dist/engine/fused/kernels.wasm", "--importMemory", "--runtime", "stub"],
  ...["-O3", "--converge", "--noAssert", "--enable", "simd"],
  // Warns of vectors as arguments, which only functions within the module take.
  ...["--disableWarning", "112"],
]);
build("tsc", ["-p", "tsconfig.build.json"]);
await writeEntries("dist");
// npm makes a link to it executable only when it installs.
chmodSync("dist/app/cli/main.js", 0o755);

function build(program: string, args: readonly string[]): void {
  const { status } = spawnSync("npx", ["--no-install", program, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
