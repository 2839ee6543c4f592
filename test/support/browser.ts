/** Debian's chromium for tests of the studio's page; tests that need it are skipped by name without it. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

/** For node:test's `skip`: false, or why the browser is missing. */
export const NO_BROWSER = CHROMIUM ? false : "needs Debian's chromium";

/** Starts the browser, without a window and without its own requests to the network. */
export function startBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run", ...more],
  });
}

const MOST_MILLISECONDS = 30_000;

/** Waits until an expression is true in the page. The page's policy forbids what playwright's own wait does. */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  const end = performance.now() + MOST_MILLISECONDS;
  while (!(await page.evaluate(expression))) {
    if (performance.now() > end) throw new Error(`Not true after 30 s: ${expression}`);
    await page.waitForTimeout(30);
  }
}
