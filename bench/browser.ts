/**
 * Measures classification in a browser: `node bench/browser.ts [patches] [rounds]`. The library of the package with one
 * and two workers, and onnxruntime-web (WebAssembly, one thread; `npm ci --prefix bench`) with one patch per run and in
 * batches, take turns in one chromium. Prints patches per second by the clock: the fastest round of each, and its ratio to
 * the best setting of onnxruntime-web.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { buildBrowser } from "../scripts/build_browser.ts";
import { patches, SIDE } from "../test/browser/patches.ts";
import { classifyIn, loadIn, openPage, serveSite } from "../test/browser/site.ts";
import { NO_BROWSER, startBrowser } from "../test/support/browser.ts";

const PEER = "bench/node_modules/onnxruntime-web/dist";
/** Large enough to be fast, small enough for the memory of a page. */
const BATCHES: Readonly<Record<string, number>> = { idc: 50, cancernet: 8 };
const [count = 400, rounds = 3] = process.argv.slice(2).map(Number);

if (NO_BROWSER) throw new Error(`This needs a browser: ${NO_BROWSER}.`);
const folder = mkdtempSync(join(tmpdir(), "cancernet-browser-"));
await buildBrowser(join(folder, "library"));
for (const name of ["files", "peer"]) mkdirSync(join(folder, name));
for (const [index, data] of (await patches(count)).entries())
  writeFileSync(join(folder, "files", `${index}.rgb`), data);
writeFileSync(join(folder, "peer", "peer.js"), peerScript());
const hasPeer = existsSync(PEER);
const site = await serveSite({
  library: join(folder, "library"),
  files: join(folder, "files"),
  peer: join(folder, "peer"),
  ...(hasPeer ? { ort: PEER } : {}),
});
const browser = await startBrowser();
try {
  const page = await openPage(browser, site);
  if (hasPeer) await page.addScriptTag({ url: "/peer/peer.js", type: "module" });
  else console.log("onnxruntime-web is absent: run npm ci --prefix bench.");
  await loadIn(page, { paths: Array.from({ length: count }, (_, index) => `/files/${index}.rgb`), side: SIDE });
  for (const model of ["idc", "cancernet"]) await measure(page, model);
} finally {
  await browser.close();
  await site.close();
  rmSync(folder, { recursive: true });
}

async function measure(page: Page, model: string): Promise<void> {
  const file = `/models/${model}.onnx`;
  const batch = BATCHES[model]!;
  const own = (workers: number) => async () => (await classifyIn(page, { model: file, workers })).seconds;
  const peer = (size: number) => () =>
    page.evaluate(`peer(${JSON.stringify({ model: file, batch: size, side: SIDE })})`) as Promise<number>;
  const contenders: [string, () => Promise<number>][] = [
    ["cancernet/web, one worker", own(1)],
    ["cancernet/web, two workers", own(2)],
    ...(hasPeer
      ? ([
          ["onnxruntime-web, one patch per run", peer(1)],
          [`onnxruntime-web, ${batch} per run`, peer(batch)],
        ] as [string, () => Promise<number>][])
      : []),
  ];
  const rates = contenders.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, run]] of contenders.entries()) rates[index] = Math.max(rates[index]!, count / (await run()));
  }
  const best = Math.max(...rates.slice(2), 0);
  console.log(`\n${model}, ${count} patches, the fastest of ${rounds} rounds`);
  for (const [index, [name]] of contenders.entries()) {
    const ratio = best > 0 ? `  ${(rates[index]! / best).toFixed(2)}` : "";
    console.log(`${name.padEnd(36)}${Math.round(rates[index]!).toString().padStart(6)} patches/s${ratio}`);
  }
}

/** Runs onnxruntime-web on the page's own thread. Gives the seconds for all loaded patches. */
function peerScript(): string {
  return `import * as ort from "/ort/ort.wasm.min.mjs";
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/ort/";
const sessions = new Map();
const records = await Promise.all(Array.from({ length: ${count} }, async (_, index) =>
  new Uint8Array(await (await fetch("/files/" + index + ".rgb")).arrayBuffer())));
window.peer = async ({ model, batch, side }) => {
  if (!sessions.has(model)) sessions.set(model, await ort.InferenceSession.create(model));
  const session = sessions.get(model);
  const bytes = side * side * 3;
  const start = performance.now();
  for (let first = 0; first < records.length; first += batch) {
    const group = records.slice(first, first + batch);
    const data = new Uint8Array(group.length * bytes);
    group.forEach((record, index) => data.set(record, index * bytes));
    const images = new ort.Tensor("uint8", data, [group.length, side, side, 3]);
    await session.run({ patches: images }, ["probability"]);
  }
  return (performance.now() - start) / 1000;
};`;
}
