/** A dataset of "benign" and "malignant" through every command: whatever is printed or written says these names, and IDC nowhere. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { onnxMetadata } from "../../src/engine/graph/read_onnx.ts";
import { encodePng } from "../../src/histology/image/decode.ts";
import { renderSlide } from "../../src/histology/synthetic/slide.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { context, drawCohort } from "../support/cohort.ts";
import { program } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { extractorBytes, kerasBytes } from "../support/inputs.ts";
import { renameClasses } from "./renamed.ts";

const NAMES = ["benign", "malignant"] as const;
const CELLS = 6;
const at = useFolder("classes");
const textOf = (...names: string[]) => readFileSync(at(...names), "utf8");

before(async () => {
  await drawCohort(at, { patchesPerCase: 16 });
  for (const name of ["dataset", "published"]) {
    await prepare(prepareOptions.parse({ source: at("patches"), out: at(name) }), context);
  }
  await renameClasses(at("dataset"), NAMES);
  const drawn = renderSlide({ seed: 2, caseId: "slide", columns: CELLS, rows: CELLS, idcShare: 0.4 });
  const png = await encodePng(drawn);
  mkdirSync(at("slides"));
  for (const name of ["slide.png", "slides/one.png", "slides/two.png"]) writeFileSync(at(name), png);
  const labels = Array.from(drawn.labels, (label, cell) => {
    return `slide,${(cell % CELLS) * 50 + 1},${Math.floor(cell / CELLS) * 50 + 1},${label}`;
  });
  writeFileSync(at("labels.csv"), ["case,x,y,class", ...labels, ""].join("\n"));
  writeFileSync(at("network.keras"), await kerasBytes());
  writeFileSync(at("extractor.onnx"), extractorBytes());
});

/** All that a command prints; its exit code must be this one. */
function told(line: string, code = 0): string {
  const { status, stdout, stderr } = program(line, { cwd: at() });
  assert.equal(status, code, `${line}\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

/** Keys and file names for programs, which name class 1 whatever it is called. */
const KEYS = /"(idc|no_idc|idc_share|unscored_idc)":/g;
const SUMMARY_COLUMNS = /,idc_patches,idc_share,idc_mm2,/;

/** The text of a file as far as people or other programs read it; undefined if it has none. */
function readable(path: string): string | undefined {
  if (/\.(png|tif|bin|keras|lock)$|features\./.test(path) && !path.endsWith(".json")) return undefined;
  if (path.endsWith("extractor.onnx")) return undefined;
  if (path.endsWith(".onnx")) return JSON.stringify(onnxMetadata(readFileSync(path)));
  return readFileSync(path, "utf8").replace(/base64,[\w+/=]*/g, "");
}

function assertNoIdc(text: string, what: string): void {
  const left = text.replaceAll("idc.geojson", "").replace(KEYS, "").replace(SUMMARY_COLUMNS, "");
  assert.doesNotMatch(left, /.{0,40}idc.{0,40}/i, what);
}

const TRAINING = "--epochs 1 --model compact --threads 1";
const IMAGES = () => {
  const names = readdirSync(at("patches", "90001", "1")).slice(0, 2);
  return names.map((name) => `patches/90001/1/${name}`).join(" ");
};

/** Each command, and what it prints of the class. */
const COMMANDS: readonly (readonly [command: () => string, expected: RegExp])[] = [
  [() => `train dataset --out run ${TRAINING}`, /kept in .*model\.onnx/i],
  [() => `train dataset --out other --seed 7 ${TRAINING}`, /kept in .*model\.onnx/i],
  [() => "train --resume other --epochs 2", /kept in .*model\.onnx/i],
  [() => "evaluate run", /malignant is positive from probability[\s\S]*true malignant[\s\S]*F1 \(malignant class\)/],
  [() => "evaluate other --prevalence 0.05", /malignant is positive/],
  [() => "compare run other", /malignant from[\s\S]*F1 \(malignant class\)/],
  [() => "compare run other --json", /"classes": \[\s*"benign",\s*"malignant"\s*\]/],
  [() => `crossvalidate dataset --out folds --folds 3 ${TRAINING}`, /malignant from 0[\s\S]*F1 \(malignant\)/],
  [() => `predict run ${IMAGES()}`, /P\(malignant\)[\s\S]*malignant from a probability of/],
  [() => `predict run ${IMAGES()} --json`, /"label":"(benign|malignant)"/],
  [() => `predict run ${IMAGES()} --csv`, /,(benign|malignant),/],
  [() => `explain run ${IMAGES()} --out why`, /P\(malignant\)[\s\S]*malignant from a probability of/],
  [() => "slide run slide.png --out slide --labels labels.csv", /mean probability of malignant/],
  [() => "slide run slides --out many --geojson cells", / malignant {2}mean P\(malignant\)/],
  [() => "calibrate run --threshold sensitivity=0.9 --out calibrated.onnx", /Temperature/],
  [() => "add-context run --out neighbours.onnx", /Own weight/],
  [() => "evaluate neighbours.onnx --dataset dataset --out of-neighbours", /malignant is positive/],
  [() => "export run --input images --out images.onnx", /malignant from/],
  [() => "probe dataset --features extractor.onnx --out probe", /malignant is positive/],
  [
    () => "import network.keras --negative benign --positive malignant --out imported.onnx",
    /Its outputs are "benign" and "malignant", which is the positive class\./,
  ],
  [() => "evaluate imported.onnx --dataset dataset --out of-imported", /malignant is positive/],
];

test("no command prints IDC for classes by other names", () => {
  for (const [command, expected] of COMMANDS) {
    const line = command();
    const text = told(line);
    assert.match(text, expected, line);
    assertNoIdc(text, line);
  }
});

test("no file that they wrote says it, but keys and names of files for programs", () => {
  const own = new Set(["patches", "published"]);
  let [read, pages] = [0, 0];
  for (const name of readdirSync(at(), { recursive: true, encoding: "utf8" })) {
    if (own.has(name.split(/[/\\]/)[0]!) || !/\.\w+$/.test(name) || !statSync(at(name)).isFile()) continue;
    const text = readable(at(name));
    if (text === undefined) continue;
    assertNoIdc(text, name);
    read++;
    if (name.endsWith(".html") || name.endsWith("report.json")) {
      pages++;
      assert.match(text, /malignant/, name);
    }
  }
  assert.ok(read > 60 && pages >= 18, `only ${read} files, ${pages} pages`);
});

test("model files carry the names, and so do the folds of a cross-validation", () => {
  const models = ["run/model.onnx", "run/last.onnx", "other/last.onnx", "calibrated.onnx", "neighbours.onnx"];
  for (const model of [...models, "images.onnx", "imported.onnx", "folds/fold-2/run/model.onnx"]) {
    assert.equal(onnxMetadata(readFileSync(at(model)))["cancernet.class_names"], "benign,malignant", model);
  }
  assert.deepEqual(JSON.parse(textOf("folds", "fold-1", "dataset", "dataset.json")).classes, NAMES);
  assert.deepEqual(JSON.parse(textOf("probe", "report.json")).model.class_names, NAMES);
});

test("a slide's files for other programs name the classes", () => {
  assert.match(textOf("slide", "probabilities.csv"), /^minx,miny,width,height,prob_benign,prob_malignant\n/);
  const features = (name: string) => JSON.parse(textOf(name, "idc.geojson")).features as { properties: object }[];
  const named = JSON.stringify([...features("slide"), ...features("many/one")].map(({ properties }) => properties));
  assert.match(named, /"name":"malignant 1","classification":\{"name":"malignant"/);
  assert.match(named, /"objectType":"tile","classification":\{"name":"(benign|malignant)"/);
});

test("models, datasets and runs of other classes are refused in one sentence with both pairs of names", () => {
  const both = /^cancernet: The classes of (?=.*"no IDC" and "IDC")(?=.*"benign" and "malignant").*\.\n$/;
  assert.match(told(`train published --out usual ${TRAINING}`), /kept in .*model\.onnx/i);
  assert.match(told("evaluate usual"), /IDC is positive from/);
  for (const line of [
    "evaluate idc --dataset dataset --out refused",
    "evaluate run --dataset published --out refused",
    "calibrate cancernet --dataset dataset --out refused.onnx",
    "add-context run --dataset published --out refused.onnx",
    "compare run usual",
  ]) {
    assert.match(told(line, 2), both, line);
  }
  assert.deepEqual(
    readdirSync(at()).filter((name) => name.startsWith("refused")),
    [],
  );
});
