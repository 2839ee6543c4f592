/**
 * The rules for imports as tables, and a function that checks source files against them. "Floors" are the layers of
 * rooms: imports only go down. "Doors" are the only files that may import a certain package or use a certain global.
 * Import cycles are not allowed.
 * Imports are read by a small scanner (scan_imports.ts). It ignores comments, string literals and regular expressions,
 * so that an import in an example does not count.
 */
import { posix } from "node:path";
import { scan } from "./scan_imports.ts";

/**
 * A house is a folder divided into rooms. For each room, the list contains the other rooms of the house that its files
 * may import.
 */
type House = { in: string; rooms: Record<string, readonly string[]> };

/** The layers. A room is a folder or a file; each file of a house must be in one of its rooms. */
export const FLOORS: readonly House[] = [
  {
    in: "src/",
    rooms: {
      util: [],
      system: ["util"],
      engine: ["system", "util"],
      histology: ["system", "util"],
      metrics: ["util"],
      options: ["engine", "histology", "metrics", "util"],
      artifacts: ["options", "engine", "histology", "metrics", "system", "util"],
      reports: ["artifacts", "options", "engine", "histology", "metrics", "util"],
      scoring: ["artifacts", "engine", "histology", "metrics", "util"],
      units: ["reports", "options", "system", "util"],
      workflows: [
        "units",
        "scoring",
        "reports",
        "artifacts",
        "options",
        "engine",
        "histology",
        "metrics",
        "system",
        "util",
      ],
      browser: ["scoring", "reports", "artifacts", "options", "engine", "histology", "metrics", "util"],
      app: [
        "browser",
        "workflows",
        "units",
        "scoring",
        "reports",
        "artifacts",
        "options",
        "engine",
        "histology",
        "metrics",
        "system",
        "util",
      ],
      "index.ts": [
        "workflows",
        "units",
        "scoring",
        "reports",
        "artifacts",
        "options",
        "engine",
        "histology",
        "metrics",
        "system",
        "util",
      ],
    },
  },
  {
    in: "src/app/",
    rooms: { api: [], look: [], server: ["api"], cli: ["server"], web: ["api", "look"], page: ["look"] },
  },
  {
    in: "src/engine/",
    rooms: {
      graph: [],
      ops: ["graph"],
      gradient: ["graph", "ops"],
      runtime: ["graph", "ops", "models"],
      nn: ["graph", "ops"],
      keras: ["graph", "nn"],
      models: ["graph", "ops", "nn"],
      explanation: ["graph", "ops", "gradient", "nn", "models", "inference"],
      training: ["graph", "ops", "gradient", "nn", "models", "runtime"],
      fused: ["graph", "ops", "nn", "models", "runtime", "training"],
      inference: ["graph", "nn", "models"],
      classification: ["graph", "nn", "models", "runtime", "inference"],
      "engine_names.ts": [],
      "engines.ts": ["graph", "nn", "runtime", "training", "fused", "engine_names.ts"],
      network: ["graph", "nn", "models", "runtime", "training", "engines.ts", "engine_names.ts"],
    },
  },
];

/** Rooms whose files run both in Node and in a browser: their imports must not need Node at run time. */
export const ANYWHERE = [
  "src/util/",
  "src/metrics/",
  "src/options/",
  "src/reports/",
  "src/scoring/",
  "src/app/api/",
  "src/app/look/",
  "src/app/web/",
  "src/app/page/",
  "src/engine/graph/",
  "src/engine/ops/",
  "src/engine/gradient/",
  "src/engine/nn/",
  "src/engine/models/",
  "src/engine/explanation/",
  "src/engine/runtime/",
  "src/engine/inference/",
  "src/engine/classification/",
  "src/histology/image/",
  "src/histology/slide/",
  "src/browser/",
] as const;

/** Exceptions: paths in these rooms that need Node. */
export const NODE_PARTS = [
  "src/engine/runtime/node/",
  "src/engine/classification/node/",
  "src/engine/nn/initialize.ts",
  "src/histology/image/codec.ts",
  "src/histology/image/decode.ts",
  "src/histology/image/fast_unfilter.ts",
  "src/histology/image/plain_png.ts",
  "src/histology/slide/dicom",
  "src/histology/slide/float_tiff.ts",
  "src/histology/slide/node/",
  "src/histology/slide/open.ts",
  "src/histology/slide/tiles/",
] as const;

/** Whether a file must run both in Node and in a browser. */
export const runsAnywhere = (path: string): boolean =>
  startsWithOne(path, ANYWHERE) && !startsWithOne(path, NODE_PARTS);

/** Modules that do not exist in a browser: Node's own modules, and packages that have native code or read files. */
export const NEEDS_NODE = /^(node:|(onnxruntime-node|sharp|@resvg\/resvg-js|yauzl|dejavu-fonts-ttf)\b)/;

/**
 * The files that may import a package: their paths start with one of `only`. A package without a row may not be
 * imported.
 */
export const PACKAGE_DOORS: readonly { packages: RegExp; only: readonly string[] }[] = [
  { packages: /^onnxruntime-/, only: ["src/engine/runtime/node/onnxruntime.ts"] },
  { packages: /^protobufjs$/, only: ["src/engine/graph/onnx.ts", "src/engine/graph/rest_of_onnx.ts"] },
  { packages: /^sharp$/, only: ["src/histology/image/", "src/histology/slide/"] },
  { packages: /^(geotiff|@cornerstonejs\/codec-openjpeg|sax)$/, only: ["src/histology/slide/"] },
  { packages: /^h5wasm$/, only: ["src/engine/keras/hdf5.ts"] },
  { packages: /^@petamoriken\/float16$/, only: ["src/util/float16.ts"] },
  { packages: /^@noble\/hashes$/, only: ["src/util/sha256.ts"] },
  { packages: /^(fast-png|@jsquash\/(jpeg|webp))$/, only: ["src/browser/pictures/"] },
  { packages: /^yauzl$/, only: ["src/system/zip"] },
  { packages: /^aws4fetch$/, only: ["src/system/objects/connection.ts"] },
  { packages: /^csv-(parse|stringify)$/, only: ["src/util/csv", "src/system/csv"] },
  { packages: /^(vega|vega-lite)$/, only: ["src/reports/charts/svg.ts"] },
  { packages: /^(@resvg\/resvg-js|dejavu-fonts-ttf)$/, only: ["src/workflows/chart.ts"] },
  { packages: /^d3-(color|scale-chromatic)$/, only: ["src/histology/image/colour_map.ts"] },
  { packages: /^fast-string-width$/, only: ["src/util/terminal_text.ts"] },
  // "?" is an import whose name is computed at run time: the user's own program.
  { packages: /^\?$/, only: ["src/app/cli/config/program.ts"] },
  { packages: /^(pg|pg-boss)$/, only: ["src/units/postgres/"] },
  { packages: /^yaml$/, only: ["src/system/placed_values.ts"] },
  { packages: /^(hono|@hono\/node-server|open)$/, only: ["src/app/server/"] },
  { packages: /^(preact|@preact\/signals)$/, only: ["src/app/look/", "src/app/web/", "src/app/page/"] },
  { packages: /^(openseadragon|uplot|vega-interpreter)$/, only: ["src/app/web/"] },
  { packages: /^commander$/, only: ["src/app/cli/"] },
  {
    packages: /^zod$/,
    only: ["src/histology/dataset/", "src/options/", "src/artifacts/", "src/units/", "src/workflows/", "src/app/"],
  },
];

/** The files that may use a global: their paths start with one of `only`. */
export const WORD_DOORS: readonly { what: string; word: RegExp; only: readonly string[]; instead: string }[] = [
  {
    what: "process",
    word: /(?<![.\w$#])process\s*\??\.\s*(?!(pid|platform|arch|version|report|constrainedMemory|availableMemory)\b)\w+|from "(node:)?process"/,
    only: [
      "src/app/cli/",
      "src/app/server/",
      "src/workflows/device/health_check_process.ts",
      "src/units/postgres/environment.ts",
      "src/engine/classification/node/native_work.ts",
      "src/engine/runtime/node/telemetry.ts",
      "src/system/leftovers.ts",
      "src/system/objects/settings.ts",
    ],
    instead: "hand the value in",
  },
  {
    what: "a fact about the machine",
    word: /(?<![.\w$#])process\s*\??\.\s*(pid|platform|arch|version|report|constrainedMemory|availableMemory)\b/,
    only: ["src/system/", "src/app/cli/"],
    instead: "hand the value in",
  },
  { what: "console", word: /(?<![.\w$#])console\s*\??\./, only: ["src/app/cli/"], instead: "report an event" },
  {
    what: "unseeded randomness",
    word: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/,
    only: ["src/system/", "src/workflows/", "src/app/web/state/unique.ts"],
    instead: "take a RandomStream",
  },
  {
    what: "the clock",
    word: /\bDate\.now\b|\bnew Date\b|\bperformance\.now\b/,
    only: ["src/util/", "src/system/", "src/artifacts/", "src/units/", "src/workflows/", "src/app/"],
    instead: "hand the time in",
  },
  {
    what: "its own address",
    word: /\bimport\.meta\b/,
    only: ["src/system/own_files.ts", "src/browser/", "src/app/web/"],
    instead: "call ownFile or ownScript, which also work in a bundle",
  },
];

/** Targets of relative imports that may be outside src/. */
const OUTSIDE = ["package.json"];

/**
 * Finds all violations of the rules, one sentence each.
 * @param sources source text by path from the repository's root, with "/" between folders: "src/util/csv.ts"
 */
export function breaches(sources: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const edges = new Map<string, string[]>();
  const valueImports = new Map<string, string[]>();
  for (const [path, text] of sources) {
    const { code, imports, values } = scan(text);
    const targets: string[] = [];
    found.push(...homeless(path));
    for (const specifier of imports) {
      if (specifier.startsWith("node:") || isStyle(path, specifier)) continue;
      if (!specifier.startsWith(".")) {
        found.push(...throughNoDoor(path, specifier));
        continue;
      }
      const target = posix.join(posix.dirname(path), specifier);
      if (sources.has(target)) targets.push(target);
      else if (!OUTSIDE.includes(target)) found.push(`${path} imports ${specifier}, which is no file under src/.`);
      found.push(...climbs(path, target));
    }
    for (const { what, word, only, instead } of WORD_DOORS) {
      const hit = word.exec(code)?.[0];
      if (hit && !startsWithOne(path, only)) {
        found.push(`${path} uses ${what} (${hit}), which only ${only.join(" and ")} may: ${instead}.`);
      }
    }
    edges.set(path, targets);
    valueImports.set(path, resolved(path, values));
  }
  return [...new Set([...found, ...cycles(edges), ...folderCycles(edges), ...needsNode(valueImports)])];
}

/** A style sheet beside a component of the page, or that of the curves. */
const isStyle = (path: string, specifier: string): boolean =>
  path.startsWith("src/app/web/") && /^(\.{1,2}\/[\w/-]+|uplot\/dist\/uPlot\.min)\.css$/.test(specifier);

/** Converts import specifiers: relative ones to paths from the repository's root, package names unchanged. */
export const resolved = (path: string, specifiers: readonly string[]): string[] =>
  specifiers.map((one) => (one.startsWith(".") ? posix.join(posix.dirname(path), one) : one));

/** For each file that needs Node, the shortest chain of value imports that leads to Node. Other files are absent. */
export function waysToNode(valueImports: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>();
  for (const [path, targets] of valueImports) {
    const own = targets.find((target) => NEEDS_NODE.test(target) || target === "package.json");
    if (own !== undefined) ways.set(path, [path, own]);
  }
  const importers = new Map<string, string[]>();
  for (const [path, targets] of valueImports) {
    for (const target of targets) importers.set(target, [...(importers.get(target) ?? []), path]);
  }
  const queue = [...ways.keys()];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const importer of importers.get(next) ?? []) {
      if (ways.has(importer)) continue;
      ways.set(importer, [importer, ...ways.get(next)!]);
      queue.push(importer);
    }
  }
  return ways;
}

function needsNode(valueImports: ReadonlyMap<string, readonly string[]>): string[] {
  return [...waysToNode(valueImports)].flatMap(([path, way]) =>
    runsAnywhere(path)
      ? [`${path} must run anywhere, but needs Node: ${way.join(" -> ")}; move what needs Node out of its way.`]
      : [],
  );
}

/** One sentence for each cycle between files and folders that are next to each other in the same folder. */
function folderCycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const between = new Map<string, Map<string, string[]>>();
  for (const [path, targets] of edges) {
    for (const target of targets) {
      const [from, to] = [path.split("/"), target.split("/")];
      const depth = from.findIndex((part, place) => part !== to[place]);
      if (depth < 0 || (depth === from.length - 1 && depth === to.length - 1)) continue;
      const folder = from.slice(0, depth).join("/");
      if (!between.has(folder)) between.set(folder, new Map());
      const own = between.get(folder)!;
      const [one, other] = [`${folder}/${from[depth]}`, `${folder}/${to[depth]}`];
      own.set(one, [...(own.get(one) ?? []), other]);
    }
  }
  return [...between.values()]
    .flatMap((own) => cycles(own))
    .map((text) => text.replace("Import cycle", "Folder cycle"));
}

function roomOf(path: string, house: House): string | undefined {
  if (!path.startsWith(house.in)) return undefined;
  return path.slice(house.in.length).split("/")[0]!;
}

function homeless(path: string): string[] {
  return FLOORS.flatMap((house) => {
    const room = roomOf(path, house);
    if (room === undefined || room in house.rooms) return [];
    return [
      `${path} lies in no room of ${house.in}: put it into ${Object.keys(house.rooms).join(", ")}, or add a row.`,
    ];
  });
}

function climbs(path: string, target: string): string[] {
  return FLOORS.flatMap((house) => {
    const [from, to] = [roomOf(path, house), roomOf(target, house)];
    if (from === undefined || to === undefined || from === to) return [];
    const allowed = house.rooms[from];
    if (!allowed || allowed.includes(to)) return [];
    const rule = allowed.length > 0 ? `nothing but ${allowed.join(", ")}` : "no other room";
    return [`${path} imports ${target}, but ${house.in}${from} may import ${rule}: move what it needs down.`];
  });
}

function throughNoDoor(path: string, specifier: string): string[] {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const door = PACKAGE_DOORS.find(({ packages }) => packages.test(name));
  if (!door) return [`${path} imports ${name}, which has no door: add a row that says who may import it.`];
  if (startsWithOne(path, door.only)) return [];
  return [`${path} imports ${name}, which only ${door.only.join(" and ")} may: use what is exported there.`];
}

function startsWithOne(path: string, starts: readonly string[]): boolean {
  return starts.some((start) => path.startsWith(start));
}

/** One sentence for each import that closes a cycle, found by depth-first search. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push(`Import cycle: ${[...trail.slice(start), path].join(" -> ")}; move what both need into a third file.`);
      return;
    }
    if (finished.has(path)) return;
    for (const target of edges.get(path) ?? []) walk(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return found;
}
