/** Every screen of the studio in a real browser: both themes, both widths, axe-core, no request to another origin. */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Item, Items } from "../../../src/app/api/items.ts";
import { NO_BROWSER, startBrowser } from "../../support/browser.ts";
import { cancernet } from "../../support/command.ts";
import { useInputs } from "../../support/inputs.ts";
import { type RunningStudio, startStudio } from "../../support/studio.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The screens: a name, and its address from the items of the folder. */
const SCREENS: readonly (readonly [name: string, address: (items: readonly Item[]) => string])[] = [
  ["overview", () => "/"],
  ["jobs", () => "/jobs"],
  ["form of a training", (items) => `/jobs/new?verb=train&dataset=${idOf(items, "dataset")}&recipe=tutorial`],
  ["form of a comparison", () => "/jobs/new?verb=compare"],
  ["runs", () => "/runs"],
  ["run", (items) => `/runs/${idOf(items, "run")}`],
  ["evaluations", () => "/evaluations"],
  ["evaluation", (items) => `/evaluations/${idOf(items, "evaluation")}?show=tn`],
  ["comparison", (items) => `/evaluations/compare?ids=${idOf(items, "evaluation")},${idOf(items, "evaluation")}`],
  ["datasets", () => "/datasets"],
  ["a dataset", (items) => `/datasets/${idOf(items, "dataset")}?sort=mistakes`],
  ["the queue", (items) => `/queue/${idOf(items, "dataset")}`],
  ["a page of the queue", (items) => `/queue/${idOf(items, "dataset")}?run=${idOf(items, "run")}&seed=1&start=0`],
  ["corrections", (items) => `/corrections/${idOf(items, "dataset")}`],
  ["a patch", (items) => `/datasets/${idOf(items, "dataset")}?patch=1`],
  ["workers", () => "/workers"],
  ["slides", () => "/slides"],
  ["a slide with its map", (items) => `/slides/${idOf(items, "slide")}?threshold=0.2&region=1`],
];

const idOf = (items: readonly Item[], kind: Item["kind"]) => items.find((item) => item.kind === kind)!.id;

describe("every screen", { skip: NO_BROWSER }, () => {
  const at = useInputs(async () => {
    const short = ["--model", "compact", "--epochs", "2", "--views", "1"];
    await cancernet(["train", at("dataset"), "--out", at("work/run"), ...short]);
    await cancernet(["evaluate", at("work/run")]);
    cpSync(at("dataset"), at("work/dataset"), { recursive: true });
    cpSync(at("slides"), at("work/slides"), { recursive: true });
    await cancernet(["slide", "idc", at("work/slides/one.png"), "--out", at("work/scored"), "--stride", "10"]);
  });
  let studio: RunningStudio;
  let browser: Browser;
  let items: readonly Item[];

  before(async () => {
    studio = await startStudio(at("work"));
    browser = await startBrowser();
    const page = await opened(await browser.newPage(), "/");
    items = ((await page.evaluate(() => fetch("/api/items").then((answer) => answer.json()))) as Items).items;
  });
  after(async () => {
    await browser?.close();
    await studio?.stop();
  });

  /** Opens an address of the studio; the first page of a context brings the token. */
  async function opened(page: Page, address: string): Promise<Page> {
    await page.goto(`${studio.origin}${address}#token=${studio.token}`);
    await page.waitForSelector("main h1");
    return page;
  }

  for (const [name, address] of SCREENS) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 400]) {
        test(`${name}, ${colorScheme}, ${width} pixels wide`, async () => {
          const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
          const page = await context.newPage();
          const foreign: string[] = [];
          const complaints: string[] = [];
          page.on("request", (request) => {
            if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== studio.origin)
              foreign.push(request.url());
          });
          page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(error.message));
          await opened(page, address(items));
          await page.waitForTimeout(500);
          assert.deepEqual(await violationsOn(page), []);
          const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
          assert.ok(wide <= 0, `${wide} pixels do not fit`);
          assert.deepEqual({ foreign, complaints }, { foreign: [], complaints: [] });
          await context.close();
        });
      }
    }
  }
});

/** What axe-core finds, one line each. The page's policy keeps scripts out, so it is run from outside of it. */
async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
}
