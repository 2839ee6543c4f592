/**
 * Takes pictures of screens of a running studio, to look at them: `node scripts/look_studio.ts ADDRESS FOLDER /path
 * ...`. Each screen at 1280 and 400 pixels, light and dark.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startBrowser } from "../test/support/browser.ts";

const [address, folder, ...paths] = process.argv.slice(2) as [string, string, ...string[]];
mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 400]) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    page.on("console", (message) => console.log(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => console.log(`error: ${error.message}`));
    await page.goto(address);
    await page.waitForSelector("main");
    for (const path of paths) {
      await page.goto(new URL(path, address).href);
      await page.waitForTimeout(1500);
      const name = path.replace(/\W+/g, "-").replace(/^-|-$/g, "") || "start";
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    await page.close();
  }
}
await browser.close();
