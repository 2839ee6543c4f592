/** Debian's chromium for tests of the studio's page; tests that need it are skipped by name without it. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

/** For node:test's `skip`: false, or why the browser is missing. */
export const NO_BROWSER = CHROMIUM ? false : "needs Debian's chromium";

/** Starts the browser, without a window and without its own requests to the network. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
}
