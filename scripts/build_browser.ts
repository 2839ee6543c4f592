/**
 * Builds dist/browser, the library for browsers (`cancernet/web`): three files of JavaScript that import nothing, so that
 * they work with and without a bundler, the compiled codecs beside them, and the licences of what they contain. And
 * dist/page (build_page.ts) in the same way.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";

/** The codecs, which are loaded with the first picture of their kind. */
const CODECS = [
  "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm",
  "@jsquash/webp/codec/dec/webp_dec.wasm",
  "@cornerstonejs/codec-openjpeg/dist/openjpegwasm_decode.wasm",
];

/** The workers of the library, which every page needs beside it. */
export const WORKERS = { worker: "src/browser/worker.ts", slide_worker: "src/browser/slide_worker.ts" };

/** The licences of packages that come without a file for it. */
const LICENCES: Readonly<Record<string, string>> = {
  "@cornerstonejs/codec-openjpeg": "scripts/licences/codec-openjpeg.txt",
};

/** The versions for browsers of packages that have one under a name of its own. */
const FOR_BROWSERS = { "csv-stringify/sync": "csv-stringify/browser/esm/sync" };

/**
 * Leaves out what is never used in a browser: modules of Node, for which packages ask only in Node; and of geotiff.js
 * LERC, zstd, and a copy of its decoders for workers.
 */
export const withoutUnused: Plugin = {
  name: "without unused",
  setup({ onResolve, onLoad }) {
    const unused = ({ path }: { path: string }) => ({ path, namespace: "unused" });
    onResolve({ filter: /^(fs|path|stream)$/ }, unused);
    onResolve({ filter: /^(lerc|zstddec(\/stream)?|\.\/worker\/create\.js)$/ }, (one) =>
      one.importer.includes("geotiff") ? unused(one) : undefined,
    );
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
  },
};

/**
 * Writes the files of the library. The kernels in dist/engine/inference must be built.
 * @param folder dist/browser
 */
export const buildBrowser = (folder: string): Promise<void> =>
  bundleForBrowsers({ index: "src/browser/index.ts", ...WORKERS }, folder);

/**
 * Bundles entry files for browsers, and writes the codecs and the licences beside them.
 * @param entries the paths by the names of the files to write, without their extensions
 */
export async function bundleForBrowsers(entries: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const inputs = await bundle(entries, folder);
  for (const path of CODECS) copyFileSync(join("node_modules", path), join(folder, basename(path)));
  writeFileSync(join(folder, "licences.txt"), licencesOf(inputs));
}

/**
 * Bundles programs for a browser, each in one file.
 * @param entries the paths by the names of the files to write, without their extensions
 * @returns the paths of the sources
 */
export async function bundle(entries: Readonly<Record<string, string>>, folder: string): Promise<string[]> {
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
    alias: FOR_BROWSERS,
    plugins: [withoutUnused],
    define: { KERNELS_BASE64: JSON.stringify(kernels) },
  });
  return Object.keys(metafile.inputs);
}

/** The licences of the packages in the bundle, which the licences demand. */
export function licencesOf(inputs: readonly string[]): string {
  const packages = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const texts = [...new Set(packages)].toSorted().map((name) => {
    const folder = join("node_modules", name);
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    const own = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const file = own === undefined ? LICENCES[name] : join(folder, own);
    if (file === undefined) throw new Error(`The package ${name} has no licence file: add one to scripts/licences.`);
    return `${name} ${version}\n\n${readFileSync(file, "utf8").trim()}\n`;
  });
  return texts.join("\n----\n\n");
}
