/** The brush in a real browser: strokes with the pointer and with keys, erasing, undo, and the corrected dataset. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Items } from "../../../src/app/api/items.ts";
import { readJournal } from "../../../src/artifacts/corrections/read.ts";
import { replay } from "../../../src/artifacts/corrections/replay.ts";
import { encodePng } from "../../../src/histology/image/decode.ts";
import { renderSlide } from "../../../src/histology/synthetic/slide.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { cancernet } from "../../support/command.ts";
import { useInputs } from "../../support/inputs.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

describe("the brush", { skip: NO_BROWSER }, () => {
  const at = useInputs(async () => {
    mkdirSync(at("work"));
    cpSync(at("dataset"), at("work/dataset"), { recursive: true });
    const drawn = renderSlide({ seed: 3, caseId: "new case", columns: 8, rows: 6, idcShare: 0.4 });
    writeFileSync(at("work/new case.png"), await encodePng(drawn));
    const scored = await cancernet(["slide", "idc", at("work/new case.png"), "--out", at("work/scored")]);
    assert.equal(scored.code, 0, scored.err);
  });
  let studio: RunningStudio;
  let browser: Browser;
  let page: Page;

  before(async () => {
    studio = await startStudio(at("work"));
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(studio.address);
    await page.waitForSelector("main h1");
    const { items } = (await page.evaluate(() => fetch("/api/items").then((answer) => answer.json()))) as Items;
    const slide = items.find(({ kind }) => kind === "slide")!;
    await page.goto(`${studio.origin}/slides/${slide.id}`);
    await page.getByRole("heading", { name: "Brush" }).waitFor();
    await page.getByText("has no patches of the case new case").waitFor();
    await page.waitForTimeout(1000);
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  const journal = () => {
    const [name] = readdirSync(at("work/corrections")).filter((one) => one.endsWith(".jsonl"));
    return at("work/corrections", name!);
  };
  const cells = async () => {
    const { entries } = await readJournal(journal());
    const [found] = replay(entries).slides.values();
    return Object.fromEntries([...(found?.cells ?? [])].map(([key, { label }]) => [key, label]));
  };
  const said = (words: RegExp) =>
    page.locator(".correction-status", { hasText: words, hasNotText: "Saving" }).waitFor();

  test("a stroke paints the patches under it, at the corners of the grid", async () => {
    await page.getByRole("button", { name: /^IDC/ }).click();
    const box = (await page.locator(".slide-viewer").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 150, y, { steps: 5 });
    await page.mouse.up();
    await said(/patch(es)? marked as IDC/);
    const painted = await cells();
    assert.ok(Object.keys(painted).length >= 2, JSON.stringify(painted));
    for (const [key, label] of Object.entries(painted)) {
      assert.ok(label === "positive" && key.split(",").every((place) => Number(place) % 50 === 0), key);
    }
    const { entries } = await readJournal(journal());
    const entry = entries[0]!;
    assert.ok(entry.kind === "slide");
    assert.deepEqual([entry.slide.file, entry.slide.case, entry.slide.side], ["../new case.png", "new case", 50]);
  });

  test("keys only: another label, erasing, undo", async () => {
    const before = await cells();
    await page.keyboard.press("x");
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowLeft");
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowUp");
    await page.keyboard.press(" ");
    await said(/1 patch excluded/);
    assert.deepEqual(await cells(), { ...before, "0,0": "exclude" });
    await page.keyboard.press("e");
    await page.keyboard.press(" ");
    await said(/1 patch back/);
    assert.deepEqual(await cells(), before);
    await page.keyboard.press("Control+z");
    await said(/Undone/);
    assert.deepEqual(await cells(), { ...before, "0,0": "exclude" });
    await page.keyboard.press("b");
  });

  test("the corrected dataset has the painted patches", async () => {
    const out = at("work/corrected");
    const { code, err } = await cancernet(["correct", at("work/dataset"), journal(), "--out", out]);
    assert.equal(code, 0, err);
    const added = readFileSync(`${out}/manifest.csv`, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("new case/"));
    const positive = Object.values(await cells()).filter((label) => label === "positive");
    assert.equal(added.length, positive.length);
  });
});
