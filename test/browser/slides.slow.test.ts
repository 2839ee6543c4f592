/**
 * The library for browsers scores slides as `cancernet slide` does, in chromium under a strict policy: the same cells,
 * probabilities and files. And what it reads and sends, whether the page stays responsive, and what it refuses.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { buildBrowser } from "../../scripts/build_browser.ts";
import { slide } from "../../src/workflows/slide.ts";
import { NO_BROWSER, startBrowser } from "../support/browser.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { drawSlide } from "../workflows/slide/scored.ts";
import { writeLargeFile } from "./large_file.ts";
import { staysResponsive } from "./responsive.ts";
import { openPage, type PageSlide, type Site, scoreIn, serveSite } from "./site.ts";
import { compareOutlines, compareTables, LARGEST_DIFFERENCE } from "./slide_files.ts";

const at = useFolder("web slides");
const skip = NO_BROWSER;
const real = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");
const noReal = skip || (real === undefined && "IDC_DATA is not set");
let [browser, site, page]: [Browser?, Site?, Page?] = [];

/** Reports the number of bytes of each range that a worker reads from a file. */
const COUNTER = `{
  const { slice } = Blob.prototype;
  const channel = new BroadcastChannel("bytes");
  Blob.prototype.slice = function (from, to, type) {
    const part = slice.call(this, from, to, type);
    channel.postMessage(part.size);
    return part;
  };
}\n`;

before(async () => {
  if (skip) return;
  await buildBrowser(at("library"));
  const worker = at("library", "slide_worker.js");
  writeFileSync(worker, COUNTER + readFileSync(worker, "utf8"));
  const { width, height, data } = drawSlide({ columns: 14, rows: 11 });
  const tissue = () => sharp(data, { raw: { width, height, channels: 3 } });
  const tiled = { tile: true, tileWidth: 256, tileHeight: 256, pyramid: true } as const;
  await tissue()
    .tiff({ ...tiled, compression: "jpeg", quality: 85, resolutionUnit: "cm", xres: 250, yres: 250 })
    .toFile(at("jpeg.tif"));
  await tissue()
    .tiff({ ...tiled, compression: "lzw", predictor: "horizontal" })
    .toFile(at("lzw.tif"));
  site = await serveSite({ library: at("library") });
  browser = await startBrowser();
  page = await openPage(browser, site);
});

after(async () => {
  await browser?.close();
  await site?.close();
});

type Given = Omit<Parameters<typeof slide>[0], "slides" | "out" | "model">;

/** The files of the command line, by the name of the slide without its extension. */
async function byCommand(name: string, slides: readonly string[], options: Given = {}) {
  const out = at(`by command ${name}`);
  await slide({ model: "idc", slides: [...slides], out, threads: 2, ...options }, context);
  const folderOf = (path: string) => (slides.length === 1 ? out : join(out, parse(path).name));
  return new Map(slides.map((path) => [path, filesIn(folderOf(path))]));
}

function filesIn(folder: string) {
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return {
    csv: read("probabilities.csv"),
    geojson: read("idc.geojson"),
    report: JSON.parse(read("slide.json")) as { threshold: number; slide: { format: string } },
  };
}

/** Every scored cell was reported once, in several steps, and the last one was the last of all. */
function checkGrowth({ seen, findings, cells }: PageSlide): void {
  const { scored } = findings.patches;
  assert.equal(new Set(seen.cells).size, seen.cells.length);
  assert.deepEqual([seen.cells.length, seen.done, seen.total], [scored, scored, scored]);
  assert.ok(seen.blocks >= scored / 32 && seen.tissue >= 1 && cells >= scored, JSON.stringify(seen));
}

/** Compares what the page makes of a slide with what the command line has made of it. */
async function compare(path: string, options: object, expected: ReturnType<typeof filesIn>): Promise<string> {
  const found = await scoreIn(page!, path, { options });
  assert.equal(found.message, undefined);
  const worst = compareTables(found.csv, expected.csv, expected.report.threshold);
  assert.ok(worst <= LARGEST_DIFFERENCE, `${worst}`);
  compareOutlines(found.geojson, expected.geojson);
  assert.equal(found.seen.slide?.format, expected.report.slide.format);
  checkGrowth(found);
  const [width, height, bytes] = found.seen.picture!;
  assert.equal(bytes, width * height * 4);
  const { scored } = found.findings.patches;
  return `${parse(path).base}: ${scored} patches, at most ${worst.toExponential(1)} apart, ${found.seconds.toFixed(1)} s`;
}

test("a tiled TIFF in JPEG: the cells, probabilities and outlines of the command line", { skip }, async (t) => {
  const expected = await byCommand("jpeg", [at("jpeg.tif")]);
  t.diagnostic(await compare(at("jpeg.tif"), {}, expected.get(at("jpeg.tif"))!));
});

test("a tiled TIFF in LZW: the same with other settings", { skip }, async (t) => {
  const same = { stride: 25, minTissue: 0.3, geojson: "cells" } as const;
  const expected = await byCommand("lzw", [at("lzw.tif")], { ...same, mpp: 4, patchSizeUm: 300 });
  const options = { ...same, micronsPerPixel: 4, patchSizeMicrons: 300 };
  t.diagnostic(await compare(at("lzw.tif"), options, expected.get(at("lzw.tif"))!));
});

const REAL = ["8917.png", "CMU-1-Small-Region.svs"].map((file) => join(real ?? "", file));

test("real slides in PNG and SVS: the same", { skip: noReal }, async (t) => {
  const expected = await byCommand("real", REAL);
  for (const path of REAL) t.diagnostic(await compare(path, {}, expected.get(path)!));
});

test("a slide of 2 GB: few bytes are read, none are sent, and the page stays responsive", { skip }, async (t) => {
  const { bytes, content } = writeLargeFile(at("large.tif"));
  assert.ok(bytes > 2 ** 31);
  const [found, longest] = await staysResponsive(browser!, page!, async () => {
    await page!.evaluate("bytesRead = 0");
    return scoreIn(page!, at("large.tif"));
  });
  assert.equal(found.message, undefined);
  checkGrowth(found);
  const read = (await page!.evaluate("bytesRead")) as number;
  t.diagnostic(
    `${(read / 1e6).toFixed(1)} of ${(bytes / 1e6).toFixed(0)} MB read, ${found.findings.patches.scored} patches, ` +
      `${found.seconds.toFixed(1)} s, the longest task of the page ${longest.toFixed(1)} ms of processor time`,
  );
  // The tiles of the smaller level may be read more than once, if they no longer lie in memory.
  assert.ok(read > 0 && read < 3 * content, `${read} bytes of ${content}`);
  const own = /^GET \/(index\.html|page\.js|favicon\.ico|library\/|models\/)/;
  assert.deepEqual(
    site!.requests.filter((request) => !own.test(request)),
    [],
  );
});

test("a scoring that is stopped ends with its reason", { skip }, async () => {
  const { message, seen } = await scoreIn(page!, at("lzw.tif"), { abortAfter: 2 });
  assert.equal(message, "enough");
  assert.equal(seen.blocks, 2);
});

const REFUSALS: readonly (readonly [name: string, bytes: string, options: object, message: RegExp])[] = [
  ["notes.txt", "no slide", {}, /^notes\.txt is no slide of a known format: convert it; .*Aperio SVS.* are read\.$/],
  ["glass.png", "", {}, /^No tissue was found in glass\.png/],
  ["glass.png", "", { stride: 0 }, /^stride must be a number from 1 to 500: give another value\.$/],
  ["glass.png", "", { stride: 30 }, /^This model uses neighbours, which lie 50 pixels away/],
  ["glass.png", "", { minTissue: 2 }, /^minTissue must be a number from 0 to 1/],
  ["glass.png", "", { micronsPerPixel: -1 }, /^micronsPerPixel must be a number from 0\.01 to 100/],
  ["glass.png", "", { geojson: "points" }, /^geojson must be regions or cells/],
];

test("what cannot be scored is refused in one sentence", { skip }, async () => {
  const white = { create: { width: 120, height: 90, channels: 3, background: "#fff" } } as const;
  await sharp(white).png().toFile(at("glass.png"));
  for (const [name, bytes, options, message] of REFUSALS) {
    if (bytes !== "") writeFileSync(at(name), bytes);
    assert.match((await scoreIn(page!, at(name), { options })).message ?? "scored", message);
  }
});
