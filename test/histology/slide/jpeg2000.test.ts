/** JPEG 2000 in each way that Aperio slides are packed: the pixels are OpenSlide's, byte by byte (golden/jpeg2000.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";

interface Reference {
  readonly slides: readonly {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
    /** In base64. */
    readonly slide: string;
  }[];
}

const at = useFolder("slide");
for (const { name, size, sha256, slide: content } of readGolden<Reference>("jpeg2000").slides) {
  test(`${name}: OpenSlide's pixels`, async () => {
    const path = at(`${size}.svs`);
    writeFileSync(path, Buffer.from(content, "base64"));
    const slide = await openSlide(path);
    assert.equal(slide.format, "Aperio SVS");
    assert.equal(slide.micronsPerPixel, 0.2527);
    const { data } = await slide.readRegion(0, { x: 0, y: 0, width: size, height: size });
    await slide.close();
    assert.equal(createHash("sha256").update(data).digest("hex"), sha256);
  });
}
