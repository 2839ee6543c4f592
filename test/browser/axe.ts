/** What axe-core finds in a page, and how the page fits into its window. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The violations, one line each. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
}

/** Axe-core finds nothing, and the page fits into its width. PAGE_PICTURES is a folder for pictures of the page. */
export async function checkLooks(page: Page): Promise<void> {
  const pictures = process.env.PAGE_PICTURES;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 400]) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await violationsOn(page), [], `${colorScheme}, ${width}`);
      const wide = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
      assert.ok(wide <= 0, `${wide} pixels do not fit into ${width}`);
      if (pictures) await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`), fullPage: true });
    }
  }
}
