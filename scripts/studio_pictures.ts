/**
 * Takes the pictures of docs/studio.md from a real studio on the demo's data: `node scripts/studio_pictures.ts`. It
 * needs Debian's chromium and about two minutes.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import type { Item, Items } from "../src/app/api/items.ts";
import { startBrowser } from "../test/support/browser.ts";
import { clientOf, startStudio } from "../test/support/studio.ts";

/** The pictures: the file's name, the address of the screen, and what to do there first. */
const PICTURES: readonly (readonly [
  name: string,
  address: (id: (kind: Item["kind"]) => string) => string,
  first?: (page: Page) => Promise<void>,
])[] = [
  ["overview", () => "/"],
  ["dataset", (id) => `/datasets/${id("dataset")}?run=${id("evaluation")}&split=test&sort=mistakes`],
  ["patch", (id) => `/datasets/${id("dataset")}?split=test&patch=5`],
  ["run", (id) => `/runs/${id("run")}`],
  ["evaluation", (id) => `/evaluations/${id("evaluation")}`],
  [
    "queue",
    (id) => `/queue/${id("dataset")}`,
    async (page) => {
      await page.getByRole("button", { name: "Start" }).click();
      await page.waitForTimeout(1500);
    },
  ],
  ["slide", (id) => `/slides/${id("slide")}`],
];

const folder = mkdtempSync(join(tmpdir(), "cancernet pictures "));
try {
  const made = spawnSync(process.execPath, ["src/app/cli/main.ts", "demo", "--out", join(folder, "demo")]);
  if (made.status !== 0) throw new Error(String(made.stderr));
  const studio = await startStudio(folder);
  const { items } = await (await clientOf(studio)).get<Items>("/items");
  const id = (kind: Item["kind"]) => items.find((item) => item.kind === kind)!.id;
  const browser = await startBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  await page.goto(studio.address);
  await page.waitForSelector("main h1");
  for (const [name, address, first] of PICTURES) {
    await page.goto(studio.origin + address(id));
    await page.waitForSelector("main h1");
    await page.waitForTimeout(2500);
    await first?.(page);
    const picture = await page.screenshot();
    await sharp(picture)
      .png({ palette: true, quality: 90, compressionLevel: 9 })
      .toFile(`docs/images/studio-${name}.png`);
    console.log(`docs/images/studio-${name}.png`);
  }
  await browser.close();
  await studio.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
