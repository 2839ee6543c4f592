/**
 * Locates the files of this package. The calling code may be in src/, in dist/, or in the bundle of the command line,
 * so no other file of src/ uses its own address for this.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UserError } from "../util/errors.ts";

/** The start of this file's address, and the extension of a source. The last of several folders counts. */
const [, root = "", source] = /^(.*\/)(?:src|dist)\/.*?(\.ts)?$/s.exec(import.meta.url) ?? [];

/** The path of a file of the package. @param name its path in the package, for example "models/idc.onnx" */
export const ownFile = (name: string): string => fileURLToPath(root + name);

/**
 * The script of a thread or a process: a source if the sources run, otherwise a file of the build.
 * @param name its path in src without the extension, for example "engine/fused/worker"
 * @throws UserError if the script does not exist.
 */
export function ownScript(name: string): string {
  const script = ownFile(source ? `src/${name}.ts` : `dist/${name}.js`);
  if (existsSync(script)) return script;
  throw new UserError(
    "installation-damaged",
    `The script ${script} of cancernet is missing: install cancernet again, and keep it out of bundles (external).`,
  );
}

/**
 * The compiled kernels of a folder.
 * @param folder its path in src, for example "engine/fused"
 * @throws UserError if they do not exist.
 */
export function ownKernels(folder: string): Uint8Array {
  const file = ownFile(`dist/${folder}/kernels.wasm`);
  if (existsSync(file)) return readFileSync(file);
  throw new UserError(
    "installation-damaged",
    `The kernels are not built: ${file} is missing; install cancernet again, or run "npm run build" in its repository.`,
  );
}
