/** The evaluation screen in a real browser: every number at any threshold, keys, selected patches, comparisons. */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Items } from "../../../src/app/api/items.ts";
import { decodeOrder } from "../../../src/app/api/patch_order.ts";
import type { Estimate } from "../../../src/reports/estimate.ts";
import type { EvaluationReport } from "../../../src/reports/evaluation/report.ts";
import { whole } from "../../../src/util/numbers.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { cancernet, program } from "../../support/command.ts";
import { jsonOf } from "../../support/folder.ts";
import { useInputs } from "../../support/inputs.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

const THRESHOLDS = [0.2, 0.5, 0.83];
const RATES = ["sensitivity", "specificity", "ppv", "npv", "accuracy", "balanced_accuracy", "f1", "mcc"] as const;

describe("the evaluation screen", { skip: NO_BROWSER }, () => {
  const at = useInputs(async () => {
    cpSync(at("dataset"), at("work/dataset"), { recursive: true });
    const short = ["--model", "compact", "--epochs", "3", "--views", "1"];
    await cancernet(["train", at("work/dataset"), "--out", at("work/run"), ...short]);
    await cancernet(["evaluate", at("work/run")]);
    await cancernet(["evaluate", at("work/run"), "--split", "val"]);
    for (const threshold of THRESHOLDS) {
      const [model, out] = [at(`work/at-${threshold}.onnx`), at(`work/at-${threshold}`)];
      const dataset = ["--dataset", at("work/dataset")];
      await cancernet(["calibrate", at("work/run"), "--threshold", String(threshold), "--out", model]);
      const { code, err } = await cancernet(["evaluate", model, ...dataset, "--prevalence", "0.02", "--out", out]);
      assert.equal(code, 0, err);
    }
  });
  const report: (folder: string) => EvaluationReport = (folder) => jsonOf(at("work", folder, "report.json"));
  let studio: RunningStudio;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const ids: Record<string, string> = {};

  before(async () => {
    studio = await startStudio(at("work"));
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(studio.address);
    await page.waitForSelector("main h1");
    const { items } = (await page.evaluate(() => fetch("/api/items").then((answer) => answer.json()))) as Items;
    for (const { path, id } of items) ids[path] = id;
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  async function open(address: string, wait = ".figures svg"): Promise<void> {
    await page.goto(studio.origin + address);
    await page.waitForSelector(wait);
  }

  const evaluation = (view = "") => `/evaluations/${ids["run/evaluation-test"]}${view}`;
  const valuesIn = (selector: string) =>
    page.$$eval(`${selector} data`, (found) => found.map((one) => one.getAttribute("value")));
  const heading = () => page.textContent("#patches-title");

  /** What a row of numbers must hold: the value, and the interval if there is one. */
  const digits = ({ value, low, high }: Estimate) =>
    [value, low, low === null ? null : high].filter((one) => one !== null).map(String);

  /** Every number of the panel is that of a report with the prevalence. */
  async function isAsIn({ confusion, metrics, prevalence }: EvaluationReport, share: number): Promise<void> {
    const { tn, fp, fn, tp } = confusion;
    assert.deepEqual(await valuesIn(".confusion"), [tn, fp, fn, tp].map(String));
    for (const name of RATES) assert.deepEqual(await valuesIn(`[data-rate=${name}]`), digits(metrics[name]), name);
    const row = prevalence.at.find((one) => one.prevalence === share)!;
    assert.deepEqual(
      await valuesIn("[data-rate=ppv-chosen]"),
      digits({ value: row.ppv, low: row.ppv_low, high: row.ppv_high }),
    );
    assert.deepEqual(
      await valuesIn("[data-rate=npv-chosen]"),
      digits({ value: row.npv, low: row.npv_low, high: row.npv_high }),
    );
  }

  test("at the model's threshold every number is that of report.json", async () => {
    await open(evaluation());
    const own = report("run/evaluation-test");
    await isAsIn(own, 0.1);
    for (const [name, estimate] of Object.entries(own.metrics)) {
      const macro = own.macro![name as keyof typeof own.macro];
      assert.deepEqual(await valuesIn(`[data-metric=${name}]`), [...digits(estimate), ...digits(macro)], name);
    }
    const shown = await page.textContent("[data-rate=sensitivity] td");
    assert.equal(shown, own.metrics.sensitivity.value!.toFixed(3));
  });

  for (const threshold of THRESHOLDS) {
    test(`at ${threshold} every number is that of calibrate and evaluate`, async () => {
      await open(evaluation("?prevalence=0.02"));
      await page.fill('[aria-label="Threshold as a number"]', String(threshold));
      await isAsIn(report(`at-${threshold}`), 0.02);
      await page.waitForURL((url) => url.searchParams.get("threshold") === String(threshold));
    });
  }

  test("the copied command gives the numbers of the screen", async () => {
    await open(evaluation("?threshold=0.3&prevalence=0.02"));
    const command = (await page.getAttribute("#rates-title ~ button", "title"))!;
    for (const line of command.split(" && ")) {
      const { status, stderr } = program(line.replace(/^cancernet /, ""), { cwd: at("work") });
      assert.equal(status, 0, String(stderr));
    }
    await isAsIn(report("threshold-0.3"), 0.02);
  });

  test("keys, typing and the mouse move the threshold; keys jump, and show all digits", async () => {
    await open(evaluation("?threshold=0.4"));
    const threshold = () => page.inputValue('[aria-label="Threshold as a number"]');
    await page.focus('[aria-label="Threshold"]');
    const steps = [
      ["ArrowRight", "0.401"],
      ["Shift+ArrowLeft", "0.391"],
      ["PageUp", "0.441"],
      ["Home", "0"],
      ["End", "1"],
    ] as const;
    for (const [key, expected] of steps) {
      await page.keyboard.press(key);
      assert.equal(await threshold(), expected, key);
    }
    await page.focus('[aria-label="Threshold as a number"]');
    await page.keyboard.press("Control+a");
    await page.keyboard.type("0.050");
    assert.equal(await page.inputValue('[aria-label="Threshold"]'), "0.05");
    const { x, y, width, height } = (await page.locator('[aria-label="Threshold"]').boundingBox())!;
    await page.mouse.move(x + width / 4, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 5 });
    await page.mouse.up();
    assert.ok(Math.abs(Number(await threshold()) - 0.5) < 0.02, await threshold());
    await page.focus("#screen");
    const { operating_table, threshold: own, metrics } = report("run/evaluation-test");
    const youden = operating_table.find(({ point }) => point === "youden")!.threshold;
    for (const [key, expected] of [
      ["h", 0.5],
      ["]", 0.51],
      [",", 0.509],
      ["y", youden],
      ["s", own],
    ] as const) {
      await page.keyboard.press(key);
      assert.equal(await threshold(), String(expected), key);
    }
    await page.keyboard.press("d");
    assert.equal(await page.textContent("[data-rate=specificity] td"), String(metrics.specificity.value));
    assert.equal(new URL(page.url()).searchParams.get("digits"), "all");
  });

  test("a cell and a bar lead to their patches, by keyboard too; the address keeps the choice", async () => {
    await open(evaluation());
    const { confusion, calibration } = report("run/evaluation-test");
    await page.focus(".confusion tbody tr:nth-child(1) td:nth-of-type(1) button");
    await page.keyboard.press("Enter");
    assert.match((await heading())!, new RegExp(`^${whole(confusion.tn)} patch(es)? labelled no IDC, called no IDC$`));
    const bin = calibration.after.bins.findIndex(({ patches }) => patches > 0);
    await page.focus(".bar-of-bin");
    await page.keyboard.press("Enter");
    assert.match(
      (await heading())!,
      new RegExp(`^${whole(calibration.after.bins[bin]!.patches)} patch.*probability above`),
    );
    await page.waitForURL((url) => url.searchParams.get("show") === `bin-${bin}`);
    const before = await heading();
    await page.reload();
    await page.waitForSelector("#patches-title");
    assert.equal(await heading(), before);
    const link = await page.getAttribute("#patches-title ~ a", "href");
    assert.match(link!, new RegExp(`^/datasets/${ids.dataset}\\?run=${ids["run/evaluation-test"]}&split=test&from=`));
  });

  test("the pictures are those of the dataset, and the grid shows the same patches", async () => {
    await open(evaluation("?threshold=0.83&show=fn"), ".strip canvas[width]");
    const { fn } = report("at-0.83").confusion;
    assert.match((await heading())!, new RegExp(`^${whole(fn)} patch`));
    const link = new URL((await page.getAttribute("#patches-title ~ a", "href"))!, studio.origin);
    const bytes = await page.evaluate(async (address) => {
      const answer = await fetch(address);
      return [...new Uint8Array(await answer.arrayBuffer())];
    }, `/api${link.pathname}/order${link.search}`);
    const { records } = decodeOrder(Uint8Array.from(bytes).buffer);
    assert.equal(records.length, fn);
    const opened = await page.$$eval(".strip a", (links) => links.map((one) => one.getAttribute("href")!));
    const shown = opened.map((address) => Number(new URL(address, "http://x").searchParams.get("patch")));
    assert.deepEqual(shown, [...records.subarray(0, shown.length)]);
    const rgba = (await page.evaluate(`(() => {
      const canvas = document.querySelector(".strip canvas");
      return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
    })()`)) as number[];
    const pixels = readFileSync(at("work/dataset/patches.bin")).subarray(7500 * shown[0]!, 7500 * (shown[0]! + 1));
    assert.deepEqual(
      rgba.filter((_, i) => i % 4 < 3),
      [...pixels],
    );
  });

  test("two evaluations are chosen by keyboard and compared as the command does", async () => {
    await open("/evaluations", "main table");
    for (const path of ["run/evaluation-test", "at-0.5"]) {
      await page.focus(`[aria-label="Compare ${path}"]`);
      await page.keyboard.press("Space");
    }
    await page.focus("text=Compare 2 evaluations");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#differences-title");
    const { out } = await cancernet(["compare", at("work/run/evaluation-test"), at("work/at-0.5")]);
    const cells = await page.$$eval("[data-metric] td", (found) => found.map((one) => one.textContent));
    assert.equal(cells.length, 3 * 13);
    for (const cell of cells) assert.ok(out.includes(cell!), `${cell} is not in ${out}`);
    assert.equal(await page.textContent(".command code"), "cancernet compare run/evaluation-test at-0.5");
    await page.click('[aria-label="Make it the baseline: at-0.5"]');
    await page.locator(".command code", { hasText: "compare at-0.5 run/evaluation-test" }).waitFor();
  });

  test("evaluations of other patches are refused in the command's sentence", async () => {
    await open(`/evaluations/compare?ids=${ids["run/evaluation-test"]},${ids["run/evaluation-val"]}`, ".alert");
    const [one, other] = [at("work/run/evaluation-test"), at("work/run/evaluation-val")];
    const { err, code } = await cancernet(["compare", one, other]);
    assert.equal(code, 2);
    const sentence = err.replaceAll(at("work/"), "").trim();
    assert.ok(sentence.endsWith((await page.textContent("p.alert"))!), sentence);
    complaints = complaints.filter((text) => !text.includes("400"));
  });

  test("nothing complained, as the policy of the page lets no code be made from text", () => {
    assert.deepEqual(complaints, []);
  });
});
