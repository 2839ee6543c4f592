/** The screen of a slide in a real browser, with the keyboard: zoom, regions, the map, and scoring from the page. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { encodePng } from "../../../src/histology/image/decode.ts";
import { renderSlide } from "../../../src/histology/synthetic/slide.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { jsonOf, useFolder } from "../../support/folder.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

describe("the screen of a slide", { skip: NO_BROWSER }, () => {
  const at = useFolder("slide screen");
  let studio: RunningStudio;
  let browser: Browser;
  let page: Page;

  before(async () => {
    const drawn = renderSlide({ seed: 2, caseId: "slide", columns: 40, rows: 30, idcShare: 0.4 });
    mkdirSync(at("slides"));
    writeFileSync(at("slides", "one.png"), await encodePng(drawn));
    studio = await startStudio(at());
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${studio.origin}/slides#token=${studio.token}`);
    await page.getByRole("link", { name: "slides/one.png" }).click();
    await page.waitForSelector(".slide-viewer canvas");
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  const view = () => new URL(page.url()).searchParams;
  const press = async (key: string) => {
    await page.keyboard.press(key);
    await page.waitForTimeout(1200);
  };

  test("keys move and zoom it, and the address follows", async () => {
    await press("0");
    const [zoom, x] = [Number(view().get("zoom")), Number(view().get("x"))];
    assert.ok(Math.abs(x - 1000) < 2, `${x}`);
    await press("+");
    assert.ok(Math.abs(Number(view().get("zoom")) / zoom - 1.5) < 0.01, `${zoom}, then ${view()}`);
    await press("ArrowRight");
    const moved = view();
    assert.ok(Number(moved.get("x")) > x + 100);
    await page.reload();
    await page.waitForSelector(".slide-viewer canvas");
    await page.waitForTimeout(1500);
    assert.deepEqual(Object.fromEntries(view()), Object.fromEntries(moved));
  });

  test("a list of models that arrives after the slide is used", async () => {
    await page.route("**/api/items", async (route) => {
      await new Promise((go) => setTimeout(go, 1500));
      await route.continue();
    });
    await page.reload();
    await page.waitForSelector(".slide-viewer canvas");
    await page.getByText("cancernet slide idc slides/one.png --out one-scored").waitFor();
    await page.unroute("**/api/items");
  });

  test("scoring from the page ends with the command's numbers; ] shows the first region", async () => {
    await page.getByText("cancernet slide idc slides/one.png --out one-scored").waitFor();
    await page.getByRole("button", { name: "Score", exact: true }).click();
    await page.getByRole("heading", { name: "Regions" }).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Copy the command" }).waitFor({ timeout: 60_000 });
    const { findings, regions } = jsonOf(at("one-scored", "slide.json"));
    const text = (await page.locator(".slide-panel").textContent())!.replaceAll(",", "");
    assert.ok(text.includes(`${findings.idc.patches} patches of ${findings.patches.scored}`), text);
    assert.ok(text.includes(`in ${findings.idc.regions} region`), text);
    await press("]");
    assert.equal(view().get("region"), "1");
    assert.ok(Number(view().get("x")) >= regions[0].x && Number(view().get("y")) >= regions[0].y, `${view()}`);
    await press("m");
    assert.equal(view().get("opacity"), "0");
  });

  test("the picture of the view is a PNG of what is on the screen", async () => {
    await page.getByText("Exports").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Picture of the view" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "view.png");
  });
});
