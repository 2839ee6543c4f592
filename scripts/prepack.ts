/**
 * Runs before packing. Reduces the copy of onnxruntime-node in the package (bundleDependencies) to what is needed to
 * run models. Its install script would download CUDA libraries from a server that is not an npm registry. If that
 * download failed, the whole installation would fail (docs/decisions/0022).
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../node_modules/onnxruntime-node/package.json", import.meta.url));
const { scripts, devDependencies, ...description } = JSON.parse(readFileSync(path, "utf8"));
// Only the install script needs the other dependencies.
description.dependencies = { "onnxruntime-common": description.dependencies["onnxruntime-common"] };
description.files = ["bin", "dist/**/*.js", "dist/**/*.d.ts"];
// Replace the file atomically, because a program may be reading it. Creating a new file in the folder also makes npm
// read the folder again instead of node_modules/.package-lock.json.
writeFileSync(`${path}.tmp`, `${JSON.stringify(description, null, 2)}\n`);
renameSync(`${path}.tmp`, path);
