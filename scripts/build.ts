/** Builds dist/ from src/: plain JavaScript and type declarations, because Node strips no types inside node_modules. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
const compiled = spawnSync("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
process.exit(compiled.status ?? 1);
