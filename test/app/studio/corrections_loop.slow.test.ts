/** Corrections in a real browser: keys, two pages, a write that fails, the queue, and the loop to a better model. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, statSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Item, Items } from "../../../src/app/api/items.ts";
import { readJournal } from "../../../src/artifacts/corrections/read.ts";
import { replay } from "../../../src/artifacts/corrections/replay.ts";
import type { Comparison } from "../../../src/reports/comparison/report.ts";
import { NO_BROWSER, startBrowser, untilTrue } from "../../support/browser.ts";
import { cancernet } from "../../support/command.ts";
import { useInputs } from "../../support/inputs.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

const NO_PRLIMIT = spawnSync("prlimit", ["--version"]).status === 0 ? false : "needs prlimit";

describe("corrections", { skip: NO_BROWSER }, () => {
  const at = useInputs(async () => {
    const short = ["--model", "compact", "--epochs", "1", "--views", "1"];
    cpSync(at("dataset"), at("work/dataset"), { recursive: true });
    await cancernet(["train", at("work/dataset"), "--out", at("work/run"), ...short]);
    await cancernet(["evaluate", at("work/run")]);
    await cancernet(["evaluate", at("work/run"), "--split", "train"]);
  });
  let studio: RunningStudio;
  let browser: Browser;
  let dataset: Item;

  before(async () => {
    studio = await startStudio(at("work"));
    browser = await startBrowser();
    const page = await opened("/");
    const { items } = (await page.evaluate(() => fetch("/api/items").then((answer) => answer.json()))) as Items;
    dataset = items.find(({ kind }) => kind === "dataset")!;
    await page.close();
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  async function opened(address: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${studio.origin}${address}#token=${studio.token}`);
    await page.waitForSelector("main h1");
    return page;
  }

  async function grid(view = ""): Promise<Page> {
    const page = await opened(`/datasets/${dataset.id}${view}`);
    await page.waitForSelector(".patch-grid canvas");
    await untilTrue(page, "document.querySelector('canvas')?.dataset.missing === '0'");
    return page;
  }

  const status = (page: Page, words: RegExp) =>
    page.locator(".correction-status", { hasText: words, hasNotText: "Saving" }).waitFor();
  const entries = async () => (await readJournal(journal())).entries;
  const journal = () => {
    const [name] = readdirSync(at("work/corrections")).filter((one) => one.startsWith("dataset-"));
    return at("work/corrections", name!);
  };
  const cell = (page: Page) => page.locator("#patch-cell").textContent();

  test("keys only: a label, the next cell, a range, a note, undo and redo", async () => {
    const page = await grid("?split=train");
    await page.locator(".patch-grid").focus();
    await page.keyboard.press("1");
    await status(page, /1 patch marked as IDC/);
    assert.match((await cell(page))!, /^Patch 2 of/);
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("x");
    await status(page, /2 patches excluded/);
    await page.keyboard.press("Control+z");
    await status(page, /Undone: 2 patches excluded/);
    await page.keyboard.press("Control+Shift+Z");
    await status(page, /Done again: 2 patches excluded/);
    await page.keyboard.press("n");
    await page.locator("dialog textarea").fill("folded");
    await page.keyboard.press("Control+Enter");
    await status(page, /Note on 2 patches: folded/);
    await page.keyboard.press("0");
    await status(page, /2 patches back to the dataset's label/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    assert.match((await cell(page))!, /corrected: IDC/);
    assert.deepEqual(
      (await entries()).map(({ kind }) => kind),
      ["set", "set", "undo", "undo", "note", "set"],
    );
    await page.close();
  });

  test("two pages alternate and interleave: all entries are there, and each page shows both", async () => {
    const before = (await entries()).length;
    const pages = [await grid("?split=val"), await grid("?split=val")] as const;
    for (const page of pages) await page.locator(".patch-grid").focus();
    for (let i = 0; i < 3; i++) await pages[1].keyboard.press("ArrowRight");
    for (let i = 0; i < 3; i++) {
      await Promise.all([pages[0].keyboard.press("1"), pages[1].keyboard.press("u")]);
    }
    for (const page of pages) {
      await page.keyboard.press("Home");
      for (const label of ["IDC", "IDC", "IDC", "unsure", "unsure", "unsure"]) {
        await page.locator("#patch-cell", { hasText: new RegExp(`corrected: ${label}[,.]`) }).waitFor();
        await page.keyboard.press("ArrowRight");
      }
    }
    assert.equal((await entries()).length, before + 6);
    for (const page of pages) await page.close();
  });

  test("a full disk: the page says that nothing was saved, keeps it over a reload, and saves it later", {
    skip: NO_PRLIMIT,
  }, async () => {
    const before = await entries();
    const page = await grid("?split=val");
    await page.locator(".patch-grid").focus();
    const limit = (bytes: string) =>
      execFileSync("prlimit", ["--pid", String(studio.process.pid), `--fsize=${bytes}:`]);
    limit(String(statSync(journal()).size));
    await page.keyboard.press("End");
    await page.keyboard.press("x");
    await page.locator(".correction-bar [role=alert]", { hasText: /Not saved: 1 correction\. .*not saved/ }).waitFor();
    assert.deepEqual(await entries(), before);
    await page.reload();
    await page.locator(".correction-bar [role=alert]").waitFor();
    limit("unlimited");
    await page.getByRole("button", { name: "Save again" }).click();
    await untilTrue(page, "!document.querySelector('.correction-bar [role=alert]')");
    assert.equal((await entries()).length, before.length + 1);
    await page.close();
  });

  test("the queue: keys only, the next patch in under 50 ms, the label only after the verdict, the same page after a reload", async () => {
    const before = (await entries()).length;
    const page = await opened(`/queue/${dataset.id}`);
    await page.getByLabel("Split").selectOption("train");
    await page.getByRole("button", { name: "Start" }).press("Enter");
    await page.locator(".enlarged").waitFor();
    const count = Number(/1 of (\d+) on this page/.exec(await page.locator(".queue").innerText())?.[1]);
    assert.ok(count >= 10, `${count} items`);
    assert.doesNotMatch(await page.locator(".queue").innerText(), /The dataset says|0\.\d\d/);
    await page.waitForLoadState("networkidle");
    const times: number[] = [];
    for (let place = 0; place < count - 1; place++) {
      times.push(Number(await page.evaluate(`(${NEXT_SHOWN})("${place + 1}")`)));
      if (place === 3) {
        await page.reload();
        await page.locator(".queue b", { hasText: `5 of ${count}` }).waitFor();
        await page.waitForLoadState("networkidle");
      } else
        await page.locator(".verdict", { hasText: `Patch ${place + 1}: you say no IDC. The dataset says` }).waitFor();
    }
    console.log(`next patch after ${times.map((one) => one.toFixed(1)).join(", ")} ms`);
    // The median, because other programs on the machine delay single ones.
    assert.ok(times.toSorted((a, b) => a - b)[times.length >> 1]! < 50, String(times));
    await page.keyboard.press("2");
    await page.getByText("This page is done").waitFor();
    await page.getByText(/of \d+ blind verdicts?/).waitFor();
    const own = (await entries()).slice(before);
    assert.equal(own.length, count);
    assert.equal(own.filter(({ kind }) => kind === "blind").length, Math.floor(count / 10));
    await page.keyboard.press("Enter");
    await untilTrue(page, `location.search.includes("before=${count}")`);
    await page.close();
  });

  test("from corrections to the difference that they made, while no page is open and over a restart", async () => {
    let page = await opened(`/corrections/${dataset.id}`);
    await page.getByRole("button", { name: "Retrain" }).click();
    await page.locator(".chain li").nth(3).waitFor();
    const { pathname, search } = new URL(page.url());
    const commands = await page.locator(".chain code").allTextContents();
    assert.match(commands[0]!, /^cancernet correct dataset corrections\/dataset-\w{8}\.jsonl --out dataset-corrected$/);
    assert.match(commands[1]!, /^cancernet train dataset-corrected --out run-retrained .*--epochs 1 /);
    assert.deepEqual(commands.slice(2), [
      "cancernet evaluate run-retrained",
      "cancernet compare run/evaluation-test run-retrained",
    ]);
    await page.close();
    await studio.stop();
    studio = await startStudio(at("work"));
    const until = Date.now() + 120_000;
    while (!existsSync(at("work/run-retrained/evaluation-test/report.json")) && Date.now() < until) {
      await new Promise((go) => setTimeout(go, 300));
    }
    page = await opened(`${pathname}${search}`);
    await page.locator("table.differences").waitFor();
    const shown = await page.locator("table.differences tr[data-metric=auroc] td").last().textContent();
    const { out } = await cancernet(["compare", at("work/run/evaluation-test"), at("work/run-retrained"), "--json"]);
    const comparison = JSON.parse(out) as Comparison;
    const { value } = comparison.differences[0]!.metrics.auroc;
    assert.ok(shown!.includes(Math.abs(value!).toFixed(3).slice(0, 4)), `${shown} is not ${value}`);
    await page.getByText(`${comparison.patches} patches of`).waitFor();
    const changed = [...replay(await entries()).patches.values()].filter(({ label }) => label !== null);
    assert.ok(changed.length > 5);
    await page.close();
  });
});

/** For the page: presses "2", waits until the picture of the place is on the screen, gives milliseconds. */
const NEXT_SHOWN = `(place) => {
  const start = performance.now();
  dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true }));
  return new Promise((resolve) => {
    const look = () => {
      const picture = document.querySelector(".patch-parts");
      if (picture?.dataset.place === place && picture.querySelector("canvas")) resolve(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}`;
