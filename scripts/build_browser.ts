/**
 * Builds dist/browser, the library for browsers (`cancernet/web`): two files of JavaScript that import nothing, so that
 * they work with and without a bundler, the compiled codecs beside them, and the licences of what they contain. And
 * dist/page (build_page.ts) in the same way.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

/** The codecs, which are loaded with the first picture of their kind. */
const CODECS = ["jpeg/codec/dec/mozjpeg_dec.wasm", "webp/codec/dec/webp_dec.wasm"].map((path) => `@jsquash/${path}`);

/**
 * Writes the files of the library. The kernels in dist/engine/inference must be built.
 * @param folder dist/browser
 */
export const buildBrowser = (folder: string): Promise<void> =>
  bundleForBrowsers({ index: "src/browser/index.ts", worker: "src/browser/worker.ts" }, folder);

/**
 * Bundles entry files for browsers, and writes the codecs and the licences beside them.
 * @param entries the paths by the names of the files to write, without their extensions
 */
export async function bundleForBrowsers(entries: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const kernels = readFileSync("dist/engine/inference/kernels.wasm").toString("base64");
  const { metafile } = await build({
    entryPoints: { ...entries },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    define: { KERNELS_BASE64: JSON.stringify(kernels) },
    // Its main version needs Node's Buffer.
    alias: { "csv-stringify/sync": "csv-stringify/browser/esm/sync" },
  });
  for (const path of CODECS) copyFileSync(join("node_modules", path), join(folder, basename(path)));
  writeFileSync(join(folder, "licences.txt"), licencesOf(Object.keys(metafile.inputs)));
}

/** The licences of the packages in the bundle, which the licences demand. */
function licencesOf(inputs: readonly string[]): string {
  const packages = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const texts = [...new Set(packages)].toSorted().map((name) => {
    const folder = join("node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (!file) throw new Error(`The package ${name} has no licence file.`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return texts.join("\n----\n\n");
}
