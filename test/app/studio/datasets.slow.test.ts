/** The datasets screen in a real browser: the whole grid by scroll and by keys, filters, an opened patch, explanations. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { DatasetFacts, PatchExplanationFacts } from "../../../src/app/api/datasets.ts";
import type { Items } from "../../../src/app/api/items.ts";
import { type Dataset, openDataset } from "../../../src/histology/dataset/dataset.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { drawDataset } from "../../support/cohort.ts";
import { cancernet } from "../../support/command.ts";
import { jsonOf, useFolder } from "../../support/folder.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

describe("the datasets screen", { skip: NO_BROWSER }, () => {
  const at = useFolder("studio datasets");
  let studio: RunningStudio;
  let browser: Browser;
  let page: Page;
  let dataset: Dataset;
  let id: string;
  let facts: DatasetFacts;

  before(async () => {
    await drawDataset(at, { cases: 9, patchesPerCase: 60 });
    cpSync(at("dataset"), at("work", "dataset"), { recursive: true });
    dataset = await openDataset(at("work", "dataset"));
    const short = ["--model", "compact", "--epochs", "1", "--views", "1"];
    await cancernet(["train", at("work", "dataset"), "--out", at("work", "run"), ...short]);
    await cancernet(["evaluate", at("work", "run")]);
    await cancernet(["crossvalidate", at("work", "dataset"), "--folds", "3", "--out", at("work", "folds"), ...short]);
    studio = await startStudio(at("work"));
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${studio.origin}/#token=${studio.token}`);
    await page.waitForSelector("main h1");
    const { items } = await read<Items>("/items");
    id = items.find(({ path }) => path === "dataset")!.id;
    facts = await read<DatasetFacts>(`/datasets/${id}`);
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
    dataset?.close();
  });

  const read = async <T>(path: string) =>
    (await page.evaluate((place) => fetch(`/api${place}`).then((answer) => answer.json()), path)) as T;

  async function show(query = ""): Promise<void> {
    await page.goto(`${studio.origin}/datasets/${id}${query}`);
    await page.waitForSelector("#patch-cell");
    await allPixels();
  }

  /** Waits until every visible cell has its pixels. */
  async function allPixels(): Promise<void> {
    const missing = () => page.evaluate("document.querySelector('.patch-grid canvas').dataset.missing");
    for (let tries = 0; (await missing()) !== "0"; tries++) {
      assert.ok(tries < 100, "the pixels have not come");
      await page.waitForTimeout(50);
    }
  }

  const cell = () => page.locator("#patch-cell").textContent();
  const status = () => page.locator("p[role=status]").textContent();

  test("a cross-validation's answers are a source, one for every patch, out of fold", async () => {
    const run = jsonOf(at("work", "run", "evaluation-test", "report.json"));
    const pooled = jsonOf(at("work", "folds", "report.json"));
    assert.deepEqual(
      facts.sources.map(({ kind, name, patches, isTrainedHere }) => ({ kind, name, patches, isTrainedHere })),
      [
        { kind: "crossvalidation", name: "folds", patches: dataset.rows.length, isTrainedHere: false },
        { kind: "model", name: "run", patches: run.patches, isTrainedHere: true },
      ],
    );
    assert.deepEqual(facts.sources[0]!.commands, [pooled.command]);
    await show("?answer=wrong");
    const { fp, fn } = pooled.confusion;
    assert.match((await status())!, new RegExp(`^${fp + fn} of ${dataset.rows.length} patches`));
  });

  test("the pixels of the canvas are those of the records, at the top and after a scroll to the end", async () => {
    await show("?run=none");
    for (const top of [0, 1e6]) {
      await page.evaluate(`document.querySelector(".patch-grid").scrollTop = ${top}`);
      await page.waitForTimeout(200);
      await allPixels();
      const { columns, first, pixels } = (await page.evaluate(SECOND_ROW)) as {
        columns: number;
        first: number;
        pixels: number[];
      };
      const record = new Uint8Array(dataset.recordBytes);
      dataset.read(first + columns, record, 0);
      const side = dataset.side;
      // The sign covers the left upper corner; the rest is the record to the byte.
      for (let y = 20; y < side; y++) {
        const own = record.subarray(y * side * 3, (y + 1) * side * 3);
        assert.deepEqual(pixels.slice(y * side * 3, (y + 1) * side * 3), [...own], `row ${y}, scrolled to ${top}`);
      }
    }
  });

  test("keys: the current patch is announced, ranges and single patches are picked, Enter opens, Escape closes", async () => {
    await show();
    await page.locator(".patch-grid").focus();
    const sentence = /^Patch 1 of \d+: case \S+, \w+, (no )?IDC, probability [01]\.\d\d, (right|wrong)\.$/;
    assert.match((await cell())!, sentence);
    await page.keyboard.press("End");
    const last = dataset.rows.length;
    assert.match((await cell())!, new RegExp(`^Patch ${last} of ${last}`));
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    assert.match((await status())!, /, 2 picked/);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press(" ");
    assert.match((await status())!, /, 3 picked/);
    await page.keyboard.press("Escape");
    assert.doesNotMatch((await status())!, /picked/);
    const before = await cell();
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog.patch .facts");
    assert.match(page.url(), /patch=\d+/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Escape");
    // The browser announces the end of a dialog a moment after it closed.
    await page.waitForSelector("dialog.patch", { state: "detached" });
    assert.doesNotMatch(page.url(), /patch=/);
    assert.notEqual(await cell(), before, "the patch that was open is the current one");
  });

  test("filters are in the address, and an address shows the same", async () => {
    await show();
    await page.getByLabel(/^Split/).selectOption("test");
    await page.getByLabel(/^Label/).selectOption("1");
    await page.getByLabel("Probability from").fill("0.2");
    await page.keyboard.press("Tab");
    await page.waitForTimeout(500);
    const text = await status();
    assert.match(page.url(), /split=test&label=1&from=0\.2/);
    await page.goto(page.url());
    await page.waitForSelector("#patch-cell");
    assert.equal(await status(), text);
    await page.getByRole("button", { name: "Show all" }).click();
    await page.waitForTimeout(500);
    assert.match((await status())!, new RegExp(`^${dataset.rows.length} of ${dataset.rows.length} `));
  });

  test("explain: the page shows the maps, and the probability is the one in the table", async () => {
    const record = dataset.indicesOf("test")[0]!;
    for (const source of facts.sources) {
      await show(`?patch=${record}&run=${source.id}`);
      await page.getByRole("button", { name: "Explain" }).click();
      const picture = page.locator("img.explanation");
      await picture.waitFor({ timeout: 60_000 });
      const row = page.locator("dialog.patch tr", { hasText: source.name });
      const inTable = await row.locator("td").first().textContent();
      const caption = await page.locator("dialog.patch figcaption", { hasText: "Probability" }).textContent();
      assert.ok(caption!.includes(`: ${inTable}.`), `${caption} and ${inTable}`);
      assert.match(caption!, /Research use only/);
      const width = await page.evaluate("document.querySelector('img.explanation').naturalWidth");
      assert.ok(Number(width) > 300);
      const again = (await page.evaluate(
        ([place, body]) =>
          fetch(place!, { method: "POST", headers: { "content-type": "application/json" }, body: body! }).then(
            (answer) => answer.json(),
          ),
        [`/api/datasets/${id}/patches/${record}/explanation`, JSON.stringify({ source: source.id })],
      )) as PatchExplanationFacts;
      assert.deepEqual([again.state, again.job], ["done", null], "it is explained once");
      assert.match(again.command, /^cancernet explain (run|folds\/fold-\d\/run) /);
    }
  });
});

/** In the page: the second row's first picture, from the canvas, and the position of the first cell of the first row. */
const SECOND_ROW = `(() => {
  const grid = document.querySelector(".patch-grid");
  const [width, height, border] = [62, 78, 3];
  const columns = Math.floor(grid.clientWidth / width);
  const row = Math.floor(grid.scrollTop / height);
  const y = Math.round((row + 1) * height - grid.scrollTop + border) + border;
  const { data } = grid.querySelector("canvas").getContext("2d").getImageData(2 * border, y, 50, 50);
  const pixels = [...data].filter((_, index) => index % 4 !== 3);
  return { columns, first: row * columns, pixels };
})()`;
