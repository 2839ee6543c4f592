/** The example for Vite: its types, its build, and the page in chromium under a strict policy. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import sharp from "sharp";
import { build } from "vite";
import { buildBrowser } from "../../scripts/build_browser.ts";
import { RESEARCH_USE_NOTICE } from "../../src/util/notice.ts";
import { predict } from "../../src/workflows/predict.ts";
import { serveSite } from "../browser/site.ts";
import { NO_BROWSER, startBrowser, untilTrue } from "../support/browser.ts";
import { context, randomPng } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";

const TSC = resolve("node_modules/.bin/tsc");
const at = useFolder("vite");

/** The project as after an installation, with the library of this tree. */
before(async () => {
  cpSync("examples/vite", at("project"), { recursive: true });
  const installed = (...names: string[]) => at("project", "node_modules", ...names);
  mkdirSync(installed("cancernet"), { recursive: true });
  for (const name of ["zod", "vite"]) symlinkSync(resolve("node_modules", name), installed(name), "junction");
  for (const name of ["package.json", "models"]) cpSync(name, installed("cancernet", name), { recursive: true });
  const types = spawnSync(TSC, ["-p", "tsconfig.browser.json", "--outDir", installed("cancernet", "dist")]);
  assert.equal(types.status, 0, String(types.stdout));
  await buildBrowser(installed("cancernet", "dist", "browser"));
});

test("the example has sound types, and its page gives the probabilities of predict", {
  skip: NO_BROWSER,
}, async (t) => {
  const checked = spawnSync(TSC, ["-p", at("project", "tsconfig.json")]);
  assert.equal(checked.status, 0, String(checked.stdout));
  await build({ root: at("project"), logLevel: "warn", build: { outDir: at("site") } });
  const site = await serveSite({ root: at("site") });
  const browser = await startBrowser();
  t.after(async () => {
    await browser.close();
    await site.close();
  });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  await page.goto(`${site.address}/index.html`);
  await untilTrue(page, 'document.querySelector("#files").disabled === false');
  const names = ["one.png", "two.jpg", "three.webp"];
  const paths = names.map((name) => at(name));
  const picture = sharp(randomPng("picture"));
  await Promise.all([picture.toFile(paths[0]!), picture.toFile(paths[1]!), picture.toFile(paths[2]!)]);
  writeFileSync(at("text.png"), "no picture");
  await page.setInputFiles("#files", [...paths, at("text.png")]);
  await untilTrue(page, 'document.querySelectorAll("#answers tr").length === 4');
  const rows = await page.evaluate(
    '[...document.querySelectorAll("#answers tr")].map((row) => [...row.cells].map((cell) => cell.textContent))',
  );
  const { predictions } = await predict({ model: "idc", images: paths }, context);
  const answers = new Map((rows as [string, string, string][]).map(([name, ...rest]) => [name, rest]));
  for (const [index, name] of names.entries()) {
    const [probability, label] = answers.get(name)!;
    assert.ok(Math.abs(Number(probability) - predictions[index]!.probability) <= 1e-6);
    assert.equal(label, predictions[index]!.label);
  }
  assert.match(answers.get("text.png")![1]!, /^text\.png is not a readable picture \(it does not begin as PNG/);
  assert.equal(await page.evaluate('document.querySelector("#notice").textContent'), RESEARCH_USE_NOTICE);
  assert.deepEqual(complaints, []);
});
