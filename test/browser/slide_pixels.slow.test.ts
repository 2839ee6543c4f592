/** The readers of slides have the same pixels in chromium as in Node, for all golden slides and kinds of TIFF tiles. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildBrowser, bundle } from "../../scripts/build_browser.ts";
import type { Region } from "../../src/histology/image/region.ts";
import { readGolden } from "../golden/reference.ts";
import { NO_BROWSER, startBrowser } from "../support/browser.ts";
import { useFolder } from "../support/folder.ts";
import { openPage, type Site, serveSite } from "./site.ts";

type HashedRegion = Region & { readonly sha256: string };
interface GoldenSlide {
  readonly levels: readonly { readonly regions: readonly HashedRegion[] }[];
}
interface Scanners {
  readonly slides: readonly (GoldenSlide & { readonly name: string; readonly file: string })[];
}
interface Kinds {
  readonly width: number;
  readonly height: number;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly file: string }[];
}
interface RealSlides {
  readonly slides: readonly (GoldenSlide & { readonly file: string })[];
}

const at = useFolder("slide pixels");
const skip = NO_BROWSER;
const real = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");
let [browser, site, page]: [Browser?, Site?, Page?] = [];

before(async () => {
  if (skip) return;
  await buildBrowser(at("library"));
  await bundle({ slide_pixels: "test/browser/slide_pixels.js" }, at("library"));
  mkdirSync(at("files"));
  site = await serveSite({ library: at("library"), files: at("files"), ...(real ? { slides: real } : {}) });
  browser = await startBrowser();
  page = await openPage(browser, site);
  await page.addScriptTag({ url: "/library/slide_pixels.js", type: "module" });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** Compares regions of a slide with their golden hashes. */
async function compare(address: string, regions: readonly (readonly [number, HashedRegion])[]): Promise<void> {
  const plan = { address, regions: regions.map(([level, { sha256: _, ...region }]) => [level, region]) };
  const found = await page!.evaluate(`hashesOf(${JSON.stringify(plan)})`);
  assert.deepEqual(
    found,
    regions.map(([, { sha256 }]) => sha256),
  );
}

const regionsOf = ({ levels }: GoldenSlide) =>
  levels.flatMap(({ regions }, level) => regions.map((region) => [level, region] as const));

function written(name: string, base64: string): string {
  writeFileSync(at("files", name), Buffer.from(base64, "base64"));
  return `/files/${name}`;
}

/** Kinds of tiles that a browser refuses by name. */
const REFUSED = /associated transparency|zstd/;

test("slides in the layouts of scanners", { skip }, async (t) => {
  for (const [index, slide] of readGolden<Scanners>("scanners").slides.entries()) {
    if (slide.name === "Ventana BIF with overlaps") continue;
    await t.test(slide.name, () => compare(written(`${index}.tif`, slide.file), regionsOf(slide)));
  }
});

test("kinds of TIFF tiles", { skip }, async (t) => {
  const { files, width, height } = readGolden<Kinds>("tiff");
  for (const [index, { name, sha256, file }] of files.entries()) {
    const address = written(`kind-${index}.tif`, file);
    await t.test(name, async () => {
      if (!REFUSED.test(name)) return compare(address, [[0, { x: 0, y: 0, width, height, sha256 }]]);
      const refusal = (await page!.evaluate(`refusalOf("${address}")`)) as string;
      assert.match(
        refusal,
        /has (ExtraSamples 1|TIFF compression 50000) .*: convert it to a tiled TIFF with JPEG, in RGB\.$/,
      );
    });
  }
});

test("real slides", { skip: skip || (real === undefined && "IDC_DATA is not set") }, async (t) => {
  for (const slide of readGolden<RealSlides>("slides").slides) {
    // The PNG slide is scored in slides.slow.test.ts.
    if (slide.file.endsWith(".png") || !existsSync(join(real!, slide.file))) continue;
    await t.test(slide.file, () => compare(`/slides/${slide.file}`, regionsOf(slide)));
  }
});

test("JPEG 2000 in each way that Aperio slides are packed", { skip }, async () => {
  const { slides } = readGolden<{
    readonly slides: readonly { readonly size: number; readonly sha256: string; readonly slide: string }[];
  }>("jpeg2000");
  for (const [index, { size, sha256, slide }] of slides.entries()) {
    await compare(written(`j2k-${index}.svs`, slide), [[0, { x: 0, y: 0, width: size, height: size, sha256 }]]);
  }
});

test("what is not read in a browser is refused in one sentence", { skip }, async () => {
  const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]);
  const cases: readonly (readonly [name: string, bytes: Uint8Array, message: RegExp])[] = [
    ["slide.dcm", dicom, /is a DICOM file, and the levels of a DICOM slide are several files, .* in a browser: use/],
    ["slide.mrxs", Buffer.from([0xff, 0xd8, 0xff]), /is a MIRAX slide, which is not read: convert it to a tiled TIFF/],
    ["empty.svs", new Uint8Array(0), /is empty: restore the slide; .*Aperio SVS.* are read/],
    ["notes.svs", Buffer.from("no slide"), /is no slide of a known format: convert it/],
  ];
  for (const [name, bytes, message] of cases) {
    writeFileSync(at("files", name), bytes);
    assert.match((await page!.evaluate(`refusalOf("/files/${name}")`)) as string, message);
  }
});
