/**
 * Before packing: trims the copy of onnxruntime-node that goes into the package (bundleDependencies) to what runs models.
 * Its install script would download CUDA libraries from a server that is no npm registry, and if that fails the whole
 * installation fails (docs/decisions/0022).
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../node_modules/onnxruntime-node/package.json", import.meta.url));
const { scripts, devDependencies, ...description } = JSON.parse(readFileSync(path, "utf8"));
// The others serve the install script.
description.dependencies = { "onnxruntime-common": description.dependencies["onnxruntime-common"] };
description.files = ["bin", "dist/**/*.js", "dist/**/*.d.ts"];
// Whole at every moment, since a program may be reading it; and a new file in its folder, so that npm looks there again instead
// of in node_modules/.package-lock.json.
writeFileSync(`${path}.tmp`, `${JSON.stringify(description, null, 2)}\n`);
renameSync(`${path}.tmp`, path);
