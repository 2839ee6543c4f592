/** Real slides, region by region as OpenSlide and libvips read them: golden/slides.py made the hashes. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Region } from "../../../src/histology/image/region.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readGolden } from "../../golden/reference.ts";

interface Reference {
  readonly slides: readonly {
    readonly file: string;
    readonly micronsPerPixel: number | null;
    readonly levels: readonly {
      readonly width: number;
      readonly height: number;
      readonly witnesses: readonly string[];
      readonly regions: readonly (Region & { readonly sha256: string })[];
    }[];
  }[];
}

const folder = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");

for (const { file, micronsPerPixel, levels } of readGolden<Reference>("slides").slides) {
  test(`${file}: each region has the pixels that ${levels[0]!.witnesses.join(" and ")} read`, async (t) => {
    if (!folder) return t.skip("IDC_DATA is not set");
    if (!existsSync(join(folder, file))) return t.skip(`IDC_DATA has no slides/${file}`);
    const slide = await openSlide(join(folder, file));
    const sizes = slide.levels.map(({ width, height }) => [width, height]);
    assert.deepEqual(
      sizes,
      levels.map(({ width, height }) => [width, height]),
    );
    assert.equal(slide.micronsPerPixel, micronsPerPixel ?? undefined);
    for (const [level, { regions }] of levels.entries()) {
      for (const { sha256, ...region } of regions) {
        const { data } = await slide.readRegion(level, region);
        const found = createHash("sha256").update(data).digest("hex");
        assert.equal(found, sha256, `level ${level}, ${JSON.stringify(region)}`);
      }
    }
    await slide.close();
  });
}
