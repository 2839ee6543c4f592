/** A newcomer: an empty folder, the demo, and a first correction within two minutes, by what is written on the screen. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { readJournal } from "../../../src/artifacts/corrections/read.ts";
import { NO_BROWSER, startBrowser, untilTrue } from "../../support/browser.ts";
import { useFolder } from "../../support/folder.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

const MOST_SECONDS = 120;

describe("a newcomer", { skip: NO_BROWSER }, () => {
  const at = useFolder("newcomer");
  let studio: RunningStudio | undefined;
  let browser: Browser | undefined;

  before(async () => {
    mkdirSync(at("empty"));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  test("makes a first correction within two minutes of the start", async () => {
    const start = performance.now();
    studio = await startStudio(at("empty"), "--demo", "--stop-jobs");
    const page = await browser!.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(studio.address);
    await page.getByRole("link", { name: "Look at the patches and correct" }).click({ timeout: MOST_SECONDS * 1000 });
    await untilTrue(page, "document.querySelector('.patch-grid canvas')?.dataset.missing === '0'");
    await page.locator(".patch-grid").click({ position: { x: 100, y: 40 } });
    await page.getByRole("button", { name: /^IDC/ }).click();
    await page.locator(".correction-status", { hasText: "1 patch marked as IDC.", hasNotText: "Saving" }).waitFor();
    const seconds = (performance.now() - start) / 1000;
    console.log(`first correction after ${seconds.toFixed(1)} s`);
    const [name] = readdirSync(at("empty", "corrections")).filter((one) => one.endsWith(".jsonl"));
    const { entries } = await readJournal(at("empty", "corrections", name!));
    assert.deepEqual(
      entries.map((entry) => entry.kind === "set" && [entry.label, entry.patches.length]),
      [["positive", 1]],
    );
    assert.ok(seconds < MOST_SECONDS, `${seconds} s`);
  });
});
