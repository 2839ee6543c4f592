/** Builds dist/page, the page that "export --page" copies: everything but the model. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { bundleForBrowsers, WORKERS } from "./build_browser.ts";

const SOURCES = "src/app/page";

/** Writes the files. The kernels in dist/engine/inference must be built. @param folder dist/page */
export async function buildPage(folder: string): Promise<void> {
  const entries = {
    page: `${SOURCES}/main.tsx`,
    style: `${SOURCES}/style.css`,
    "service-worker": `${SOURCES}/service_worker.ts`,
    ...WORKERS,
  };
  await bundleForBrowsers(entries, folder);
  for (const name of ["index.html", "_headers"]) copyFileSync(join(SOURCES, name), join(folder, name));
  copyFileSync("src/app/web/icon.svg", join(folder, "icon.svg"));
}
