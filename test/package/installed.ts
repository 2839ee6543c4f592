/** The package as a user gets it: packed from this tree, and installed into an empty project from the registry alone. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const NPM = process.platform === "win32" ? "npm.cmd" : "npm";

/** Runs npm there; its settings are those of a user who has none. */
export function npm(cwd: string, ...args: string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_config_|onnxruntime_)/i.test(name)),
  );
  return spawnSync(NPM, args, { cwd, env, encoding: "utf8", maxBuffer: 1 << 26, shell: process.platform === "win32" });
}

/** Why nothing can be installed here, for `skip`; false where it can. */
export function cannotInstall(): string | false {
  const asked = npm(".", "view", "zod", "version", "--prefer-offline", "--fetch-retries=0", "--fetch-timeout=20000");
  return asked.status !== 0 && "the npm registry cannot be reached";
}

/** Packs what dist/ holds. @throws Error if it is older than the sources. */
export function pack(folder: string): { file: string; paths: string[] } {
  const built = statSync("dist/entry.js").mtimeMs;
  const newer = readdirSync("src", { recursive: true, encoding: "utf8" }).find(
    (path) => statSync(join("src", path)).mtimeMs > built,
  );
  if (newer !== undefined) throw new Error(`dist/ is older than src/${newer}: run "npm run build".`);
  // The package's own scripts would build dist/ again under the feet of other tests.
  spawnSync(process.execPath, ["scripts/prepack.ts"], { stdio: "inherit" });
  const { stdout, stderr, status } = npm(".", "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  if (status !== 0) throw new Error(stderr);
  const answer = JSON.parse(stdout);
  const [{ filename, files }] = Array.isArray(answer) ? answer : Object.values(answer);
  return { file: join(folder, filename), paths: (files as { path: string }[]).map(({ path }) => path) };
}

/** Installs it into a new project. */
export function install(file: string, project: string): void {
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "type": "module", "private": true }');
  const { status, stderr, stdout } = npm(
    project,
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    resolve(file),
  );
  if (status !== 0) throw new Error(`npm install ended with ${status}:\n${stderr}\n${stdout}`);
}
