/** The conversions that errors and documents recommend, run as they stand there: the result is read with the right scale, and white where nothing was scanned. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { useFolder } from "../../support/folder.ts";
import { cut, smoothPicture, tilesOf, worst } from "./support/pictures.ts";
import { tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("conversion");
/** Between the two names of files and the end of a text or a line. */
const COMMAND = /vips tiffsave (?:\S+|\$\{[^}]+\}) \S+((?: --[\w-]+(?: [\w-]+)?)+)/g;

function recommended(): string[] {
  const files = ["src", "docs"].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name)),
  );
  const texts = [...files, "README.md"]
    .filter((name) => /\.(ts|md)$/.test(name))
    .map((name) => readFileSync(name, "utf8"));
  return [...new Set(texts.flatMap((text) => Array.from(text.matchAll(COMMAND), ([, options]) => options!.trim())))];
}

/** sharp sets VIPSHOME to a folder that is not there, where vips would look for its OpenSlide. */
function vips(...words: string[]): void {
  const { VIPSHOME, ...env } = process.env;
  execFileSync("vips", words, { stdio: ["ignore", "ignore", "pipe"], env });
}

const hasVips = (): boolean => {
  try {
    vips("--version");
    return true;
  } catch {
    return false;
  }
};

const [WIDTH, HEIGHT, TILE] = [640, 512, 128];
const PICTURE = smoothPicture(WIDTH, HEIGHT);

/** An Aperio slide of half a micrometre a pixel, whose first two tiles were not scanned. */
async function slideWithGaps(): Promise<Buffer> {
  const raw = { width: TILE, height: TILE, channels: 3 as const };
  const pack = (tile: Buffer) => sharp(tile, { raw }).jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer();
  const tiles = await Promise.all(tilesOf(PICTURE, TILE).map((tile, place) => (place < 2 ? undefined : pack(tile))));
  const description = "Aperio Image Library v11.2.1\n640x512|AppMag = 20|MPP = 0.5";
  const plan = { width: WIDTH, height: HEIGHT, tile: TILE, tiles, compression: 7, photometric: 6, description };
  return tiffFile([tiledPicture(plan)]);
}

test("recommended conversions keep scale and pixels, and what was not scanned is white", async (t) => {
  const commands = recommended();
  assert.ok(commands.length > 0, "documents and errors recommend a conversion");
  if (!hasVips()) return t.skip("vips (Debian: libvips-tools) is not installed");
  const [svs, png, out] = ["slide.svs", "slide.png", "out.tif"].map((name) => at(name)) as [string, string, string];
  writeFileSync(svs, await slideWithGaps());
  const clear = Buffer.alloc(WIDTH * HEIGHT * 4);
  await sharp(clear, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
    .png()
    .toFile(png);
  const inside = { x: 300, y: 200, width: 200, height: 200 };
  const gap = { x: 8, y: 8, width: 200, height: 100 };
  for (const options of commands) {
    vips("tiffsave", svs, out, ...options.split(" "));
    const slide = await openSlide(out);
    assert.ok(Math.abs(slide.micronsPerPixel! - 0.5) < 1e-4, `${options}: ${slide.micronsPerPixel}`);
    assert.ok(slide.levels.length > 1, options);
    assert.ok(worst(await slide.readRegion(0, inside), cut(PICTURE, inside)) < 16, options);
    assert.ok(
      (await slide.readRegion(0, gap)).data.every((value) => value > 250),
      `${options}: what was not scanned`,
    );
    await slide.close();
    // OpenSlide hands out what was not scanned as transparent; so is all of this picture.
    vips("tiffsave", png, out, ...options.split(" "));
    const white = await openSlide(out);
    const { data } = await white.readRegion(0, { x: 0, y: 0, width: WIDTH, height: HEIGHT });
    assert.ok(
      data.every((value) => value > 250),
      `${options}: what is transparent`,
    );
    await white.close();
  }
});
