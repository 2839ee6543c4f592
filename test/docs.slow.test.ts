/** Runs every command of the docs pages, in the order of the work, on a small synthetic cohort; each must end well. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { drawCohort } from "./support/cohort.ts";
import { program } from "./support/command.ts";
import { useFolder } from "./support/folder.ts";
import { extractorBytes, kerasBytes, slidePng } from "./support/inputs.ts";
import { smallJournal } from "./support/journal.ts";

const PAGES = [
  "prepare",
  "correct",
  "train",
  "import",
  "calibrate",
  "add-context",
  "export",
  "evaluate",
  "compare",
  "crossvalidate",
  "sweep",
  "probe",
  "predict",
  "slide",
  "gather",
  "explain",
  "demo",
  "doctor",
  "json",
];
const at = useFolder("docs");

before(async () => {
  writeFileSync(at("cancernet.keras"), await kerasBytes());
  writeFileSync(at("extractor.onnx"), extractorBytes());
  await drawCohort(at, { patchesPerCase: 28 });
  const slide = await slidePng();
  mkdirSync(at("slides"));
  for (const name of ["slide.png", "slides/one.png", "slides/two.png"]) writeFileSync(at(name), slide);
});

/** The lines of a page's sh blocks that call cancernet. */
function commandsOf(page: string): string[] {
  const text = readFileSync(resolve("docs", `${page}.md`), "utf8");
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.split("\n").filter((line) => line.startsWith("cancernet ")));
}

/** The file that a page shows. */
function yamlOf(page: string): string {
  const text = readFileSync(resolve("docs", `${page}.md`), "utf8");
  return /```yaml\n([\s\S]*?)```/.exec(text)![1]!;
}

for (const page of PAGES) {
  test(`the commands of docs/${page}.md run`, async () => {
    const commands = commandsOf(page);
    assert.ok(commands.length > 0, `docs/${page}.md shows no command`);
    if (page === "sweep") writeFileSync(at("settings.yaml"), yamlOf(page));
    if (page === "correct") await smallJournal(at("corrections", "dataset-1a2b3c4d.jsonl"), at("dataset"));
    for (const command of commands) {
      const { status, stdout, stderr } = program(command.split(/\s+/).slice(1), { cwd: at() });
      assert.equal(status, 0, `${command}\n${stdout}\n${stderr}`);
    }
  });
}
