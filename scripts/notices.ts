/**
 * Makes THIRD_PARTY_NOTICES.md from package-lock.json and the installed packages: every package that an installation
 * includes, with its licence and the address of its source. "node scripts/notices.ts" writes it; a test compares it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const NOTICES_FILE = "THIRD_PARTY_NOTICES.md";

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The sources of packages for other platforms, by the start of the name. These packages are not installed here. */
const SOURCES_BY_START: Readonly<Record<string, string>> = {
  "@img/sharp-libvips-": "https://github.com/lovell/sharp-libvips",
  "@img/sharp-": "https://github.com/lovell/sharp",
  "@resvg/resvg-js-": "https://github.com/yisibl/resvg-js",
  "@emnapi/": "https://github.com/toyobayashi/emnapi",
  tslib: "https://github.com/microsoft/tslib",
};

/** Licences of packages whose package.json only points to a file. */
const NAMED_LICENCES: Readonly<Record<string, string>> = {
  "dejavu-fonts-ttf": "Bitstream Vera Fonts licence, Arev Fonts licence (the package's LICENSE)",
  h5wasm: "NIST licence, with HDF5 under the HDF5 licence (the package's LICENSE.txt)",
};

/** Dependencies of the published onnxruntime-node that only its install script needs. prepack.ts removes them. */
const NOT_PACKED = new Set(["adm-zip", "global-agent"]);

/** Packages of which only the pages (dist/web, dist/page) or the library for browsers (dist/browser) have a copy. */
const IN_BUNDLES = [
  "@jsquash/jpeg",
  "@jsquash/webp",
  "@preact/signals",
  "fast-png",
  "openseadragon",
  "preact",
  "uplot",
  "vega-interpreter",
];

/** Returns the text of the file. @param root the repository's folder. */
export function notices(root: string): string {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  const rows = reachable(packages).map((path) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const { version, license, optional } = packages[path]!;
    const licence = NAMED_LICENCES[name] ?? license;
    if (!licence || licence.startsWith("SEE")) throw new Error(`${path} names no licence: add it to NAMED_LICENCES.`);
    return `| ${name} | ${version} | ${licence} | ${optional ? sourceByStart(name) : sourceOf(join(root, path))} |`;
  });
  const { version } = packages["node_modules/onnxruntime-node"]!;
  return `${head(version)}| package | version | licence | source |\n|---|---|---|---|\n${[...new Set(rows)].join("\n")}\n`;
}

/** The sorted paths in the lock file of all packages that an installation includes. */
function reachable(packages: Readonly<Record<string, Locked>>): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    const { dependencies, optionalDependencies } = packages[path]!;
    const inBundles = path === "" ? IN_BUNDLES : [];
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...inBundles]) {
      if (path.endsWith("/onnxruntime-node") && NOT_PACKED.has(name)) continue;
      const place = placeOf(name, path, packages);
      if (found.has(place)) continue;
      found.add(place);
      visit(place);
    }
  };
  visit("");
  return [...found].sort();
}

/**
 * Finds a package like Node: first in the importing package's own node_modules, then in those of the parent folders.
 */
function placeOf(name: string, from: string, packages: Readonly<Record<string, Locked>>): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf("/node_modules/"), 0))) {
    const place = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in packages) return place;
    if (folder === "") throw new Error(`package-lock.json lacks ${name}, which ${from} needs.`);
  }
}

function sourceByStart(name: string): string {
  const start = Object.keys(SOURCES_BY_START).find((one) => name.startsWith(one));
  if (start === undefined) throw new Error(`${name} is optional, and no row of SOURCES_BY_START tells its source.`);
  return SOURCES_BY_START[start]!;
}

function sourceOf(folder: string): string {
  const { repository, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const address: string | undefined = repository?.url ?? repository ?? homepage;
  if (!address) throw new Error(`${folder} names no source.`);
  const plain = address
    .replace(/^git\+/, "")
    .replace(/^(git|ssh|http):\/\/(git@)?/, "https://")
    .replace(/^git@([^:]+):/, "https://$1/")
    .replace(/\.git$/, "");
  return plain.includes("://") ? plain : `https://github.com/${plain.replace(/^github:/, "")}`;
}

const head = (onnxruntime: string) => `# Third-party software

cancernet itself is under the MIT licence (LICENSE). It needs the packages below. npm installs them beside it under
their own licences, with their licence texts, or they are inside this package. This file is
written by \`node scripts/notices.ts\`.

**Inside this package** are copies of two of them, \`onnxruntime-node\` (without its install script and the files
that serve it) and \`onnxruntime-common\`:

> MIT License. Copyright (c) Microsoft Corporation.
>
> Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
> documentation files (the "Software"), to deal in the Software
> without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute,
> sublicense, and/or sell copies of the Software, and to permit
> persons to whom the Software is furnished to do so, subject to the following conditions:
>
> The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
> Software.
>
> THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
> WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
> PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR
> OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
> OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

**The studio's page** in \`dist/web\`, **the exported page** in \`dist/page\` and **the library for browsers** in
\`dist/browser\` contain parts of
${IN_BUNDLES.map((name) => `\`${name}\``).join(", ")},
\`geotiff\`, \`sax\`, \`vega\`, \`vega-lite\`, \`zod\` and of packages that these use. \`licences.txt\` in each folder has the licence text of
each. \`mozjpeg_dec.wasm\` is compiled from mozjpeg (BSD 3-clause, IJG, zlib), \`webp_dec.wasm\` from libwebp (BSD
3-clause), \`openjpegwasm_decode.wasm\` from OpenJPEG (BSD 2-clause).

**The command line** in \`dist/program\` contains copies of \`commander\`, \`csv-parse\`, \`csv-stringify\`,
\`fast-string-width\`, \`zod\` and of packages that these use. \`licences.txt\` there has the licence text of each.

The software that ONNX Runtime contains in turn is listed in
https://github.com/microsoft/onnxruntime/blob/v${onnxruntime}/ThirdPartyNotices.txt. Each \`kernels.wasm\` in
\`dist\` is compiled by AssemblyScript and may hold parts of its standard library (Apache-2.0,
https://github.com/AssemblyScript/assemblyscript).

**LGPL.** The packages \`@img/sharp-*\` bring libvips and libraries that it uses, some of them under the LGPL 3.0 or
later, as shared libraries that may be replaced; the packages'
README.md lists each with its licence. Their sources, and how they are built, are at
https://github.com/lovell/sharp-libvips; libvips itself at https://github.com/libvips/libvips.
**MPL.** \`@resvg/resvg-js*\` are under the MPL 2.0; their source is at the address below.

`;

if (import.meta.main) writeFileSync(NOTICES_FILE, notices("."));
