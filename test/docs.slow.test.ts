/** Runs every command of the docs pages, in the order of the work, on a small synthetic cohort; each must end well. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { MODELS } from "../src/engine/models/table.ts";
import { encodePng } from "../src/histology/image/decode.ts";
import { writeCohort } from "../src/histology/synthetic/cohort.ts";
import { renderSlide } from "../src/histology/synthetic/slide.ts";
import { archive } from "./engine/keras/files.ts";
import { kerasNetwork } from "./engine/keras/network.ts";
import { extractor, randomFeatures } from "./workflows/probe/extractors.ts";

const PAGES = [
  "prepare",
  "train",
  "import",
  "calibrate",
  "add-context",
  "export",
  "evaluate",
  "compare",
  "crossvalidate",
  "probe",
  "predict",
  "slide",
  "explain",
  "demo",
  "doctor",
  "json",
];
const MAIN = resolve("src/app/cli/main.ts");
let folder = "";

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cancernet docs "));
  const { layers } = await kerasNetwork(MODELS.cancernet, 1);
  writeFileSync(join(folder, "cancernet.keras"), await archive(layers));
  writeFileSync(join(folder, "extractor.onnx"), extractor({ shape: ["batch", 3, 12, 12], features: randomFeatures() }));
  await writeCohort({ folder: join(folder, "patches"), seed: 1, cases: 8, patchesPerCase: 40, encodePng });
  const slide = await encodePng(renderSlide({ seed: 2, caseId: "slide", columns: 6, rows: 5, idcShare: 0.4 }));
  mkdirSync(join(folder, "slides"));
  for (const name of ["slide.png", "slides/one.png", "slides/two.png"]) writeFileSync(join(folder, name), slide);
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** The lines of a page's sh blocks that call cancernet. */
function commandsOf(page: string): string[] {
  const text = readFileSync(resolve("docs", `${page}.md`), "utf8");
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.split("\n").filter((line) => line.startsWith("cancernet ")));
}

for (const page of PAGES) {
  test(`the commands of docs/${page}.md run`, () => {
    const commands = commandsOf(page);
    assert.ok(commands.length > 0, `docs/${page}.md shows no command`);
    for (const command of commands) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...command.split(/\s+/).slice(1)], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.equal(status, 0, `${command}\n${stdout}\n${stderr}`);
    }
  });
}
