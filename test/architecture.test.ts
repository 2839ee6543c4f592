/** The architecture: no import under src/ breaks a floor, a door or closes a circle; and the checker sees each breach. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { breaches } from "../scripts/architecture_rules.ts";
import { scan } from "../scripts/scan_imports.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("the sources keep to the floors and doors, without a cycle", () => {
  const paths = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => `src/${path.replaceAll("\\", "/")}`);
  assert.ok(paths.length > 20, `only ${paths.length} sources found`);
  assert.deepEqual(breaches(new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]))), []);
});

test("no source and no document names a file that is gone", () => {
  const files = ["src", "test", "scripts", "bench", "docs", "golden"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map(
      (path) => `${folder}/${path.replaceAll("\\", "/")}`,
    ),
  );
  const names = new Set(
    files.flatMap((path) => path.split("/").map((_, depth, parts) => parts.slice(depth).join("/"))),
  );
  const readers = [...files, "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].filter(
    (path) => path.endsWith(".md") || (path.endsWith(".ts") && !path.startsWith("test/")),
  );
  const gone = readers
    .filter((path) => !path.includes("node_modules"))
    .flatMap((path) => {
      const named = readFileSync(join(ROOT, path), "utf8").match(
        /(?<![\w./@-])(?:[\w-]+\/)*[\w-]+(?:\.slow)?(?:\.test)?\.ts\b/g,
      );
      return (named ?? []).filter((name) => !names.has(name)).map((name) => `${path} names ${name}`);
    });
  assert.deepEqual(gone, []);
});

test("no name is exported twice", () => {
  const places = new Map<string, string[]>();
  for (const path of readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(path)) continue;
    const text = readFileSync(join(ROOT, "src", path), "utf8");
    for (const [, name] of text.matchAll(/^export (?:async )?(?:const|type|interface|function\*?|class) (\w+)/gm)) {
      // A function with overloads is exported once.
      places.set(name!, [...new Set([...(places.get(name!) ?? []), path])]);
    }
  }
  assert.deepEqual(
    [...places].filter(([, paths]) => paths.length > 1),
    [],
  );
});

test("the scanner finds every form of import", () => {
  const source = `
    import "./bare.ts";
    import type { A } from "./type.ts";
    import { a, b as c } from './single.ts';
    import d, * as e from "./both.ts";
    import {
      f, // from "./comment.ts"
      g,
    } from "./lines.ts";
    export * from "./star.ts";
    export { h } from "./again.ts";
    const i = await import("./dynamic.ts");
    const { j } = await import(name);
    const k = createRequire(import.meta.url)("../package.json");
    type L = import("./typed.ts").L;
    const m = require("cjs");
  `;
  const expected = "bare type single both lines star again dynamic".split(" ").map((name) => `./${name}.ts`);
  assert.deepEqual(scan(source).imports, [...expected, "?", "../package.json", "./typed.ts", "cjs"]);
});

test("the scanner sets aside comments, texts, templates and regular expressions, and only those", () => {
  const source = `
    // import "./a.ts"; process.exit()
    /* import "./b.ts"; process.exit() */
    const a = 'process.exit("x")' + "import './c.ts'";
    const b = \`process.exit \${one(\`nested \${two({ three: "}" })} process.exit\`)} import "./d.ts" process.exit\`;
    const c = /["'\`/]process.exit/.test(a), d = [/[/"]/g], e = four / five / "six";
    import "./found.ts";
  `;
  const { code, imports } = scan(source);
  assert.deepEqual(imports, ["./found.ts"]);
  assert.doesNotMatch(code, /process/);
  for (const word of ["one", "two", "three", "test", "four", "five"]) assert.match(code, new RegExp(word));
  assert.doesNotMatch(code, /nested|six/);
});

/** Sources that break one rule each, and a part of the sentence that must tell it. */
const BREACHES: [string, Record<string, string>, RegExp][] = [
  [
    "what runs anywhere needs no Node",
    { "src/metrics/a.ts": 'import { join } from "node:path"' },
    /src\/metrics\/a.ts must run anywhere, but needs Node: src\/metrics\/a.ts -> node:path/,
  ],
  [
    "what runs anywhere needs no Node on its way",
    {
      "src/reports/a.ts": 'import { a } from "../histology/a.ts"',
      "src/histology/a.ts": 'export * from "./b.ts"',
      "src/histology/b.ts": 'const sharp = await import("node:fs")',
    },
    /src\/reports\/a.ts must run anywhere, but needs Node: .*b.ts -> node:fs/,
  ],
  [
    "what a room that runs anywhere keeps for Node is behind its own folder",
    {
      "src/engine/runtime/b.ts": 'import { a } from "./node/a.ts"',
      "src/engine/runtime/node/a.ts": 'import "node:worker_threads"',
    },
    /src\/engine\/runtime\/b.ts must run anywhere, but needs Node: .*node\/a.ts -> node:worker_threads/,
  ],
  [
    "folders close no circle",
    {
      "src/reports/one/a.ts": 'import type { A } from "../two/a.ts"',
      "src/reports/two/a.ts": "",
      "src/reports/two/b.ts": 'import { b } from "../one/b.ts"',
      "src/reports/one/b.ts": "",
    },
    /Folder cycle: src\/reports\/(one -> src\/reports\/two -> src\/reports\/one|two -> .*)/,
  ],
  [
    "options know no artifacts",
    { "src/options/a.ts": 'import type { A } from "../artifacts/a.ts"', "src/artifacts/a.ts": "" },
    /src\/options may import nothing but engine, histology, metrics, util/,
  ],
  [
    "util imports nothing of ours",
    { "src/util/a.ts": 'import "../metrics/a.ts"' },
    /src\/util may import no other room/,
  ],
  [
    "strangers",
    { "src/engine/nn/a.ts": 'import "../../metrics/a.ts"' },
    /src\/engine may import nothing but system, util/,
  ],
  [
    "strangers",
    { "src/histology/a.ts": 'export * from "../engine/nn/a.ts"' },
    /src\/histology may import nothing but system, util/,
  ],
  [
    "strangers",
    { "src/metrics/a.ts": 'await import("../histology/a.ts")' },
    /src\/metrics may import nothing but util/,
  ],
  [
    "workflows know no app",
    { "src/workflows/a.ts": 'import type { A } from "../app/cli/a.ts"' },
    /src\/workflows may import/,
  ],
  ["the public API knows no app", { "src/index.ts": 'export * from "./app/cli/a.ts"' }, /src\/index.ts may import/],
  ["nobody imports the public API", { "src/app/cli/a.ts": 'import "../../index.ts"' }, /src\/app may import/],
  [
    "graph is the engine's ground",
    { "src/engine/graph/a.ts": 'import "../ops/a.ts"' },
    /engine\/graph may import no other/,
  ],
  [
    "ops know no gradient",
    { "src/engine/ops/a.ts": 'import "../gradient/a.ts"' },
    /engine\/ops may import nothing but graph/,
  ],
  ["gradient knows no layers", { "src/engine/gradient/a.ts": 'import "../nn/a.ts"' }, /but graph, ops:/],
  ["models know no training", { "src/engine/models/a.ts": 'import "../training/a.ts"' }, /but graph, ops, nn:/],
  ["a file without a room", { "src/engine/a.ts": "" }, /src\/engine\/a.ts lies in no room of src\/engine\//],
  ["a folder without a room", { "src/helpers/a.ts": "" }, /lies in no room of src\/:/],
  [
    "onnxruntime",
    { "src/engine/training/a.ts": 'import { Tensor } from "onnxruntime-node"' },
    /only src\/engine\/runtime\/node\/onnxruntime.ts/,
  ],
  ["protobufjs", { "src/engine/graph/a.ts": 'import protobuf from "protobufjs"' }, /only src\/engine\/graph\/onnx.ts/],
  ["sharp", { "src/workflows/a.ts": 'await import("sharp")' }, /only src\/histology\/image\//],
  ["yauzl", { "src/histology/dataset/a.ts": 'import yauzl from "yauzl"' }, /only src\/system\/zip/],
  [
    "csv",
    { "src/workflows/a.ts": 'import { parse } from "csv-parse/sync"' },
    /imports csv-parse, which only src\/util\/csv/,
  ],
  [
    "the page knows no server",
    { "src/app/web/a.ts": 'import type { A } from "../server/a.ts"', "src/app/server/a.ts": "" },
    /src\/app\/web may import nothing but api/,
  ],
  ["vega", { "src/app/cli/a.ts": 'import("vega")' }, /imports vega, which only src\/reports\/charts\/svg.ts/],
  ["resvg", { "src/workflows/a.ts": 'import "@resvg/resvg-js"' }, /imports @resvg\/resvg-js, which only/],
  ["commander", { "src/workflows/a.ts": 'import "commander"' }, /only src\/app\/cli\//],
  ["a package without a door", { "src/util/a.ts": 'import _ from "lodash/map"' }, /imports lodash, which has no door/],
  [
    "an import that cannot be read",
    { "src/util/a.ts": "await import(name)" },
    /imports \?, which only src\/app\/cli\/config\/program\.ts may/,
  ],
  ["process", { "src/workflows/a.ts": "process.exit(1)" }, /uses process \(process.exit\), which only src\/app\/cli\//],
  ["process", { "src/system/a.ts": "process.env.HOME" }, /uses process \(process.env\)/],
  ["process", { "src/system/a.ts": 'import { env } from "node:process"' }, /uses process \(from "node:process"\)/],
  ["a fact about the machine", { "src/histology/a.ts": "process.pid" }, /uses a fact about the machine .process.pid/],
  ["console", { "src/metrics/a.ts": "console.log(1)" }, /uses console .*: report an event/],
  ["randomness", { "src/engine/nn/a.ts": "Math.random()" }, /uses unseeded randomness \(Math.random\)/],
  ["clock", { "src/metrics/a.ts": "Date.now()" }, /uses the clock \(Date.now\)/],
  ["clock", { "src/histology/a.ts": "new Date()" }, /uses the clock \(new Date\)/],
  [
    "the address of a module",
    { "src/engine/nn/a.ts": "new Worker(new URL('./b.ts', import.meta.url))" },
    /uses its own address \(import.meta\)/,
  ],
  [
    "leaving src",
    { "src/util/a.ts": 'import "../../test/a.ts"' },
    /imports ..\/..\/test\/a.ts, which is no file under src/,
  ],
  ["a cycle of one", { "src/util/a.ts": 'import "./a.ts"' }, /^Import cycle: src\/util\/a.ts -> src\/util\/a.ts;/],
  [
    "a cycle of three",
    {
      "src/util/a.ts": 'import "./b.ts"',
      "src/util/b.ts": 'import "./c.ts"',
      "src/util/c.ts": 'import type { A } from "./a.ts"',
    },
    /^Import cycle: src\/util\/a.ts -> src\/util\/b.ts -> src\/util\/c.ts -> src\/util\/a.ts;/,
  ],
];

/** One empty file in each room, so that the imports above lead somewhere. */
const ROOMS = [
  "src/index.ts",
  ..."util metrics histology workflows app/cli engine/graph engine/ops engine/gradient engine/nn engine/training engine/runtime"
    .split(" ")
    .map((room) => `src/${room}/a.ts`),
];

test("a house without a breach is told nothing", () => {
  const house = new Map(ROOMS.map((path) => [path, "export {};"]));
  house.set("src/system/csv.ts", 'import { parse } from "csv-parse"; process.pid; new Date(); this.process.exit();');
  house.set("src/util/csv.ts", 'import { parse } from "csv-parse/sync"; import type { A } from "node:fs"; new Date();');
  house.set(
    "src/app/cli/main.ts",
    'import "node:fs"; import "../../../package.json"; import "../../util/a.ts"; process.exit()',
  );
  house.set(
    "src/engine/runtime/node/onnxruntime.ts",
    'import "onnxruntime-node"; import "../a.ts"; import "../../graph/a.ts"; import "../../../util/a.ts";',
  );
  assert.deepEqual(breaches(house), []);
});

for (const [name, sources, sentence] of BREACHES) {
  test(`a breach is told in one sentence: ${name}: ${Object.values(sources)[0]}`, () => {
    const house = new Map([...ROOMS.map((path) => [path, ""] as const), ...Object.entries(sources)]);
    const found = breaches(house);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0]!, sentence);
  });
}
