/**
 * Writes the files that "import" and "require" of the package load first. Before loading anything else, they refuse a
 * Node that is too old (it may be unable to read the rest) and a bundle that contains the package. Each refusal is one
 * sentence.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { name, engines } = JSON.parse(readFileSync("package.json", "utf8")) as {
  name: string;
  engines: { node: string };
};
const needed = engines.node.replace(">=", "");
const [major, minor] = needed.split(".");

/**
 * The checks, in syntax that every Node version with modules supports.
 * @param description an expression for the path of the package's package.json
 */
const checks = (description: string) => `const [major, minor] = process.versions.node.split(".").map(Number);
if (major < ${major} || (major === ${major} && minor < ${minor})) {
  throw new Error(
    "cancernet: Node " + process.versions.node + " is too old: version ${needed} or newer is needed; install it from nodejs.org.",
  );
}

let name;
try {
  name = JSON.parse(readFileSync(${description}, "utf8")).name;
} catch (error) {
  // It is not there.
}
if (name !== "${name}") {
  throw new Error(
    "cancernet is part of a bundle, away from its models, threads and native libraries: declare it external " +
      '(esbuild: --external:cancernet; Vite: ssr.external: ["cancernet"]) and install it beside the bundle.',
  );
}
`;

/** Writes both entry files. @param folder contains index.js; the entries export the same names. */
export async function writeEntries(folder: string): Promise<void> {
  const names = Object.keys(await import(pathToFileURL(resolve(folder, "index.js")).href));
  const list = names.map((name) => `  ${name},\n`).join("");
  writeFileSync(
    resolve(folder, "entry.js"),
    `import { readFileSync } from "fs";\n\n${checks('new URL("../package.json", import.meta.url)')}
export const {\n${list}} = await import("./index.js");\n`,
  );
  writeFileSync(
    resolve(folder, "entry.cjs"),
    `"use strict";\nconst { readFileSync } = require("fs");\n\n${checks('__dirname + "/../package.json"')}
module.exports = require("./index.js");\n`,
  );
}
