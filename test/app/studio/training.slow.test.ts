/** A training from the page in a real browser: form, growing curves, stop, resume, end; the routes of its run. */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Items } from "../../../src/app/api/items.ts";
import type { RunAnswer } from "../../../src/app/api/runs.ts";
import { commandLineOf } from "../../../src/options/command_line.ts";
import { trainOptions } from "../../../src/options/training/options.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { cancernet } from "../../support/command.ts";
import { useInputs } from "../../support/inputs.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

/** Long enough to be stopped in the middle. */
const EPOCHS = 4;
const FORM = { model: "compact", epochs: EPOCHS, views: 1, batchSize: 2, checkpointEvery: "1" } as const;

describe("a training from the page", { skip: NO_BROWSER }, () => {
  const at = useInputs(async () => cpSync(at("dataset"), at("work/dataset"), { recursive: true }));
  let studio: RunningStudio;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    studio = await startStudio(at("work"));
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(40_000);
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(studio.address);
    await page.waitForSelector("main h1");
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  const command = () => page.textContent(".job-command .command code");
  const shown = async (what: "steps" | "epochs") => Number(await page.getAttribute(".charts", `data-${what}`));
  /** Waits until so many steps or epochs are shown. */
  async function isShown(what: "steps" | "epochs", least: number): Promise<void> {
    const end = Date.now() + 40_000;
    while ((await shown(what)) < least) {
      assert.ok(Date.now() < end, `${await shown(what)} ${what} are shown, not ${least}`);
      await page.waitForTimeout(50);
    }
  }

  test("the form's command is that of the flags, and a wrong value shows the server's sentence", async () => {
    await page.goto(`${studio.origin}/jobs/new?verb=train&recipe=tutorial`);
    await page.waitForSelector(".job-command .command code");
    assert.equal(await page.getAttribute("[name=epochs]", "placeholder"), "40 (recipe tutorial)");
    await page.selectOption("[name=recipe]", "");
    assert.equal(await page.getAttribute("[name=epochs]", "placeholder"), "20 (recipe default)");
    await page.fill("[name=epochs]", "0");
    await page.locator(".job-command .alert", { hasText: "epochs must be a whole number from 1 to" }).waitFor();
    assert.equal(await page.getAttribute("[name=epochs]", "aria-invalid"), "true");
    for (const [name, value] of Object.entries(FORM)) {
      const field = `[name=${name}]`;
      if (name === "model" || name === "views") await page.selectOption(field, String(value));
      else await page.fill(field, String(value));
    }
    const expected = commandLineOf("train", trainOptions, { dataset: "dataset", out: "run", ...FORM });
    await page.locator(".job-command code", { hasText: expected }).waitFor();
    assert.equal(await command(), expected);
    await page.waitForURL((url) => url.searchParams.get("epochs") === String(EPOCHS));
  });

  test("the curves grow, and a stopped training goes on to the same model", async () => {
    await page.focus("[name=epochs]");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/jobs\/2/);
    await isShown("steps", 1);
    await isShown("steps", (await shown("steps")) + 1);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.waitForSelector("[data-state=stopped]");
    const stopped = page.url();
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await page.waitForURL((url) => url.href !== stopped);
    await isShown("steps", 1);
    await page.waitForSelector("[data-state=done]");
    await isShown("epochs", EPOCHS);
    const { code, err } = await cancernet([
      ...["train", at("work/dataset"), "--out", at("straight"), "--model", "compact", "--epochs", String(EPOCHS)],
      ...["--views", "1", "--batch-size", "2", "--checkpoint-every", "1"],
    ]);
    assert.equal(code, 0, err);
    for (const file of ["model.onnx", "history.csv"]) {
      assert.deepEqual(readFileSync(at("work/run", file)), readFileSync(at("straight", file)), file);
    }
  });

  test("the run's screen shows every epoch and step, and the route gives its history", async () => {
    await page.getByRole("link", { name: "run run", exact: true }).click();
    await page.waitForURL(/\/runs\//);
    await isShown("epochs", EPOCHS);
    await isShown("steps", 1);
    await page.waitForSelector(".curves canvas");
    const { items } = (await page.evaluate(() => fetch("/api/items").then((answer) => answer.json()))) as Items;
    const run = items.find(({ kind }) => kind === "run")!;
    assert.ok(page.url().endsWith(run.id));
    const answer = (await page.evaluate(
      (id) => fetch(`/api/runs/${id}`).then((one) => one.json()),
      run.id,
    )) as RunAnswer;
    const rows = readFileSync(at("work/run/history.csv"), "utf8").trim().split("\n").slice(1);
    assert.deepEqual(
      answer.history.map(({ epoch, loss, val_auroc }) => [epoch, loss, val_auroc]),
      rows.map((row) => [0, 1, 5].map((column) => Number(row.split(",")[column]))),
    );
    assert.equal(answer.settings.batchSize, 2);
    await page.getByRole("button", { name: "Evaluate", exact: true }).click();
    await page.locator(".job-command code", { hasText: "cancernet evaluate run" }).waitFor();
  });

  test("nothing complained", () => assert.deepEqual(complaints, []));
});
