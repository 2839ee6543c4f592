/**
 * Builds dist/: the kernels of src/engine/fused/kernels/ as WebAssembly, and from the rest of src/ plain JavaScript and type
 * declarations, because Node strips no types inside node_modules.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

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

function build(program: string, args: readonly string[]): void {
  const { status } = spawnSync("npx", ["--no-install", program, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
