/** The packed package in an empty project: it installs, predicts, has sound types, refuses an old Node, and goes beside a bundle. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type BuildOptions, build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { encodePng } from "../../src/histology/image/decode.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import * as api from "../../src/index.ts";
import { jsonOf } from "../support/folder.ts";
import { NO_POSTGRES, startPostgres } from "../support/postgres.ts";
import { noServer } from "../support/queue.ts";
import { cannotInstall, install, npm, pack } from "./installed.ts";

const skip = cannotInstall();
const PEERS: Readonly<Record<string, string>> = jsonOf("package.json").peerDependencies;
let root = "";
let packed: string[] = [];
const at = (...names: string[]) => join(root, "project", ...names);
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: at(), encoding: "utf8" });

before(async () => {
  if (skip) return;
  root = mkdtempSync(join(tmpdir(), "cancernet-package-"));
  const { file, paths } = pack(root);
  packed = paths;
  install(file, at());
  const slide = renderSlide({ seed: 2, caseId: "slide", columns: 1, rows: 1, idcShare: 0.4 });
  writeFileSync(at("image.png"), await encodePng(slide));
});

after(() => {
  if (root) rmSync(root, { recursive: true, force: true });
});

const PREDICT = `
const context = { reporter: silent, signal: new AbortController().signal };
const { predictions: [first] } = await predict(predictOptions.parse({ model: "idc", images: ["image.png"] }), context);
console.log(first?.label, first?.probability);
`;
const PROGRAM = `import { predict, predictOptions, silent } from "cancernet";\n${PREDICT}`;
const PREDICTED = /^(IDC|no IDC) 0\.\d+/m;

describe("the package", { skip }, () => {
  test("holds what it needs and nothing else", () => {
    const tops = new Set(
      packed.map((path) => (path.startsWith("node_modules/") ? path.split("/", 2).join("/") : path.split("/")[0]!)),
    );
    const bundled = ["onnxruntime-common", "onnxruntime-node"].map((name) => `node_modules/${name}`);
    const own = [
      "LICENSE",
      "README.md",
      "THIRD_PARTY_NOTICES.md",
      "config.schema.json",
      "dist",
      "models",
      "package.json",
    ];
    assert.deepEqual([...tops].sort(), [...own, ...bundled].sort());
    for (const platform of ["linux/x64", "linux/arm64", "darwin/arm64", "win32/x64", "win32/arm64"]) {
      const binary = `node_modules/onnxruntime-node/bin/napi-v6/${platform}/onnxruntime_binding.node`;
      assert.ok(packed.includes(binary), `${binary} is not in the package`);
    }
    assert.ok(packed.some((path) => path.endsWith("fused/kernels.wasm")));
    assert.deepEqual(
      packed
        .filter((path) => /\.(ts|map|test\.js)$/.test(path) && !path.endsWith(".d.ts"))
        .filter((path) => path.startsWith("dist")),
      [],
    );
  });

  test("bundles its command line, with a licence of each package inside", () => {
    assert.deepEqual(
      packed.filter((path) => path.startsWith("dist/app/")),
      ["dist/app/cli/job.js", "dist/app/cli/main.js"],
    );
    // An old Node could not read what is imported.
    assert.doesNotMatch(readFileSync("dist/app/cli/main.js", "utf8"), /^import /m);
    const licences = readFileSync(at("node_modules/cancernet/dist/program/licences.txt"), "utf8");
    const notices = readFileSync(at("node_modules/cancernet/THIRD_PARTY_NOTICES.md"), "utf8");
    const inside = [...licences.matchAll(/^(\S+) (\d+\.\d+\.\d+)$/gm)];
    assert.ok(inside.length >= 5, `${inside.length} packages`);
    for (const [, name, version] of inside)
      assert.ok(notices.includes(`| ${name} | ${version} |`), `${name} ${version}`);
  });

  test("holds each script of a thread or a process", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    for (const path of sources)
      for (const [, name] of readFileSync(join("src", path), "utf8").matchAll(/\bownScript\("(.+?)"\)/g))
        assert.ok(packed.includes(`dist/${name}.js`), name);
  });

  test("trains in threads of its own, draws charts and predicts: the demo", () => {
    const main = at("node_modules/cancernet/dist/app/cli/main.js");
    const { status, stderr } = node(main, "demo", "--out", "demo", "--cases", "6", "--epochs", "1");
    assert.equal(status, 0, stderr);
  });

  test("holds the studio's page, and names every package inside it with its licence", () => {
    assert.ok(packed.includes("dist/web/index.html"));
    assert.ok(packed.includes("dist/page/index.html"));
    const licences = readFileSync(at("node_modules/cancernet/dist/web/licences.txt"), "utf8");
    const notices = readFileSync(at("node_modules/cancernet/THIRD_PARTY_NOTICES.md"), "utf8");
    const inside = [...licences.matchAll(/^## (\S+) - (\S+) \(/gm)];
    assert.ok(inside.length > 20, `${inside.length} packages`);
    for (const [, name, version] of inside)
      assert.ok(notices.includes(`| ${name} | ${version} |`), `${name} ${version}`);
  });

  const noOpener = process.platform !== "linux" && "needs the opener of Linux";
  test("serves the studio's page, and opens a browser or warns", { skip: noOpener }, async () => {
    const main = at("node_modules/cancernet/dist/app/cli/main.js");
    const env = { PATH: "/usr/bin:/bin", BROWSER: "/none" };
    mkdirSync(at("studio"));
    const studio = spawn(process.execPath, [main, "studio", at("studio")], { env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [studio.stdout, studio.stderr]) stream.on("data", (part) => (text += part));
    try {
      for (let tries = 0; !text.includes("No browser opened") && tries < 300; tries++) await sleep(100);
      assert.match(text, /warning: No browser opened/);
      const { origin } = new URL(/http:\S+/.exec(text)![0]);
      const page = await (await fetch(origin)).text();
      const scripts = [...page.matchAll(/\/assets\/[\w.-]+\.js/g)].map(([path]) => path);
      assert.ok(scripts.length > 0, page);
      for (const path of scripts) assert.equal((await fetch(origin + path)).status, 200, path);
      studio.kill("SIGINT");
      assert.equal((await once(studio, "exit"))[0], 130);
    } finally {
      studio.kill("SIGKILL");
    }
  });

  test("brings no install script, so that nothing is downloaded but from the registry", () => {
    const scripted: string[] = [];
    for (const path of readdirSync(at("node_modules"), { recursive: true, encoding: "utf8" })) {
      if (!/(^|[\\/])node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+[\\/]package\.json$/.test(join("node_modules", path)))
        continue;
      const { name, scripts = {} } = JSON.parse(readFileSync(at("node_modules", path), "utf8"));
      if (scripts.preinstall || scripts.install || scripts.postinstall) scripted.push(name);
    }
    assert.deepEqual(scripted, []);
  });

  test("runs as a command", () => {
    const { status, stdout, stderr } = npm(at(), "exec", "--no", "--", "cancernet", "predict", "idc", "image.png");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /image\.png +0\.\d{4}/);
    if (process.platform !== "win32")
      assert.ok(statSync("dist/app/cli/main.js").mode & 0o111, "the build's main.js may not be run");
  });

  test("is imported and required, with every name of the public API", () => {
    const names = Object.keys(api).sort().join(" ");
    const imported = node(
      "--input-type=module",
      "--eval",
      `console.log(Object.keys(await import("cancernet")).sort().join(" "))`,
    );
    assert.equal(imported.stdout.trim(), names, imported.stderr);
    const required = node(
      "--input-type=commonjs",
      "--eval",
      `console.log(Object.keys(require("cancernet")).sort().join(" "))`,
    );
    assert.equal(required.stdout.trim(), names, required.stderr);
  });

  test("has types that compile without the DOM's, without skipLibCheck and without settings for Node", () => {
    const options = {
      target: "ES2024",
      lib: ["ES2024"],
      module: "NodeNext",
      moduleResolution: "NodeNext",
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(at("use.ts"), `${PROGRAM}import * as all from "cancernet";\nexport const number: number = all;\n`);
    writeFileSync(at("tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["use.ts"] }));
    const compiler = resolve("node_modules/typescript/bin/tsc");
    // The one mistake that was made on purpose is found, and nothing else.
    assert.match(node(compiler, "-p", at()).stdout, /^use\.ts\(\d+,\d+\): error TS2322: .*\n?$/);
  });
});

describe("the packages of the queue", { skip }, () => {
  const queue = (environment: Readonly<Record<string, string>> = {}) => {
    const main = at("node_modules/cancernet/dist/app/cli/main.js");
    const env = { ...noServer(), ...environment };
    return spawnSync(process.execPath, [main, "queue"], { cwd: at(), env, encoding: "utf8" });
  };

  test("are not installed; without them a sentence names them", () => {
    for (const name of ["pg", "pg-boss"]) assert.ok(!existsSync(at("node_modules", name)), name);
    const { status, stderr } = queue();
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^cancernet: The queue needs two packages .*: run "npm install pg pg-boss" [^\n]*\n$/);
  });

  test("are used when they are installed", { skip: NO_POSTGRES }, async (t) => {
    const asked = ["pg", "pg-boss"].map((name) => `${name}@${PEERS[name]}`);
    const { status, stderr } = npm(at(), "install", "--prefer-offline", "--no-audit", "--no-fund", ...asked);
    assert.equal(status, 0, stderr);
    assert.match(queue().stderr, /^cancernet: The environment names no PostgreSQL server: [^\n]*\n$/);
    const { environment } = await startPostgres(t);
    const ended = queue(environment);
    assert.equal(ended.status, 0, ended.stderr);
    assert.match(ended.stdout, /^The queue is empty\.$/m);
  });
});

/** Makes this Node say that it is an older one. */
const PRETEND = `data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.19.0" })`;
const TOO_OLD =
  /^Error: cancernet: Node \d+\.\d+\.\d+ is too old: version 22\.18 or newer is needed; install it from nodejs\.org\./m;

describe("an old Node", { skip }, () => {
  const ways = { import: ["--input-type=module", "--eval", PROGRAM], require: ["--eval", `require("cancernet")`] };
  test("is refused in a sentence by the command", () => {
    const main = at("node_modules/cancernet/dist/app/cli/main.js");
    const { status, stderr } = node("--import", PRETEND, main, "--help");
    assert.equal(status, 2);
    assert.match(stderr, /^cancernet: Node 20\.19\.0 is too old: [^\n]*\n$/);
  });

  for (const [way, args] of Object.entries(ways)) {
    test(`is refused in a sentence by ${way}, before anything is loaded`, () => {
      const { status, stderr } = node("--import", PRETEND, ...args);
      assert.notEqual(status, 0);
      assert.match(stderr, TOO_OLD);
    });
  }

  const system = "/usr/bin/node";
  const [major = 99] = existsSync(system)
    ? spawnSync(system, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout.split(".").map(Number)
    : [];
  test("that is really old gives the same sentence", { skip: major >= 22 && `no old Node at ${system}` }, () => {
    writeFileSync(at("old.mjs"), PROGRAM);
    assert.match(spawnSync(system, ["old.mjs"], { cwd: at(), encoding: "utf8" }).stderr, TOO_OLD);
  });
});

describe("a bundled program", { skip }, () => {
  before(() => writeFileSync(at("program.ts"), PROGRAM));
  const run = (path: string) => {
    const { status, stdout, stderr } = node(at(path));
    assert.equal(status, 0, stderr);
    assert.match(stdout, PREDICTED);
  };

  test("predicts, made by esbuild with cancernet external", async () => {
    const options = { bundle: true, platform: "node", format: "esm", external: ["cancernet"] } satisfies BuildOptions;
    await esbuild({ ...options, entryPoints: [at("program.ts")], outfile: at("by_esbuild.mjs"), logLevel: "silent" });
    run("by_esbuild.mjs");
  });

  test("predicts, made by Vite with cancernet external", async () => {
    await vite({
      root: at(),
      configFile: false,
      logLevel: "silent",
      build: { ssr: "program.ts", target: "node22", outDir: "by_vite" },
      ssr: { external: ["cancernet"] },
    });
    run(join("by_vite", "program.js"));
  });

  test("that holds cancernet itself stops with a sentence", async () => {
    const options = {
      bundle: true,
      platform: "node",
      format: "esm",
      loader: { ".node": "copy" },
    } satisfies BuildOptions;
    const outfile = at("whole", "bundle", "all.mjs");
    await esbuild({ ...options, entryPoints: [at("program.ts")], outfile, logLevel: "silent" });
    const { status, stderr } = node(outfile);
    assert.notEqual(status, 0);
    assert.match(stderr, /^Error: cancernet is part of a bundle, .*: declare it external/m);
  });
});

test("npm names no unknown setting in this folder", () => {
  const { stderr } = npm(".", "pkg", "get", "name");
  assert.doesNotMatch(stderr, /Unknown|warn/);
});
