/**
 * Bundles the command line into few files, because loading hundreds of modules took most of the time of a short command
 * (docs/decisions/0047-one-bundle-for-the-command-line.md). Each command still loads only its own workflow. Threads and
 * other processes run the unbundled modules of dist/.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { licencesOf } from "./build_browser.ts";

/** The packages that almost every command loads. All others stay outside, beside their native code and their files. */
const INSIDE = ["commander", "csv-parse", "csv-stringify", "fast-string-width", "zod"];

/**
 * Writes app/cli/main.js, app/cli/job.js, and in program/ what both load, with the licences of the packages inside.
 * Nothing is minified, so the places in a bug report can be found.
 * @param folder dist
 */
export async function buildProgram(folder: string): Promise<void> {
  const { dependencies, peerDependencies, engines } = JSON.parse(readFileSync("package.json", "utf8"));
  const { metafile } = await build({
    entryPoints: { "app/cli/main": "src/app/cli/main.ts", "app/cli/job": "src/app/cli/job.ts" },
    outdir: folder,
    chunkNames: "program/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: `node${engines.node.replace(">=", "")}`,
    external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !INSIDE.includes(name)),
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  writeFileSync(join(folder, "program", "licences.txt"), licencesOf(Object.keys(metafile.inputs)));
}
