/** Fuzzing of what slides are read with: damaged files of every kind, JP2 boxes, OME descriptions, first bytes of any file. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { otherKindOf, readKindOf } from "../../src/histology/image/file_kinds.ts";
import { codestreamOf } from "../../src/histology/slide/jpeg2000/jp2.ts";
import { rgbChannels } from "../../src/histology/slide/ome_channels.ts";
import { readOme } from "../../src/histology/slide/ome_xml.ts";
import { openSlide } from "../../src/histology/slide/open.ts";
import { readGolden } from "../golden/reference.ts";
import { useFolder } from "../support/folder.ts";
import { damaged, damages, orRefused, runs } from "./runs.ts";

const at = useFolder("fuzz slides");
const { width, height, files } = readGolden<{ width: number; height: number; files: { file: string }[] }>("tiff");
const wholes = files.map(({ file }) => Buffer.from(file, "base64"));

test("a damaged slide of any kind is refused in words of ours, or has as many pixels as asked for", async () => {
  const path = at("slide.tif");
  await fc.assert(
    fc.asyncProperty(fc.nat(wholes.length - 1), damages, async (which, list) => {
      writeFileSync(path, damaged(wholes[which]!, list));
      const read = async () => {
        const slide = await openSlide(path);
        try {
          return await slide.readRegion(0, { x: 0, y: 0, width, height });
        } finally {
          await slide.close();
        }
      };
      const refused = await orRefused(async () => {
        try {
          assert.equal((await read()).data.length, width * height * 3);
        } catch (error) {
          // The words of libvips, libtiff, libjpeg, OpenJPEG's build and geotiff.
          if (error instanceof Error)
            assert.doesNotMatch(error.message, /Vips|vips|tiff2|TIFFRead|libtiff|JERR|wasm|DataView|bounds/);
          throw error;
        }
      });
      assert.equal(refused, undefined);
    }),
    runs(400),
  );
});

test("any bytes are a codestream, have one in a box, or are refused", () => {
  const signature = Uint8Array.from([0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]);
  const type = fc.constantFrom("jp2h", "jp2c", "colr", "pclr", "cdef", "ftyp", "\0\0\0\0");
  const box = fc.tuple(
    fc.oneof(fc.constantFrom(0, 1, 8, 2 ** 32 - 1), fc.nat(64)),
    type,
    fc.uint8Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(box, { maxLength: 6 }), (boxes) => {
      const parts = boxes.map(([length, name, content]) => {
        const header = Buffer.alloc(8);
        header.writeUInt32BE(length);
        header.write(name, 4, "latin1");
        return Buffer.concat([header, content]);
      });
      const bytes = Buffer.concat([signature, Buffer.from([13, 10, 0x87, 10]), ...parts]);
      try {
        assert.ok(codestreamOf(bytes).bytes.length <= bytes.length);
      } catch (error) {
        assert.match((error as Error).message, /^it is a (damaged )?JP2 file/);
      }
    }),
    runs(2000),
  );
});

test("any attributes of channels give three different places, or none", () => {
  const attribute = fc.record({
    Name: fc.option(fc.constantFrom("Red", "green", "B", "DAPI", "", " r "), { nil: undefined }),
    Color: fc.option(fc.constantFrom("-16776961", "16711935", "65535", "x", "4278190335"), { nil: undefined }),
    SamplesPerPixel: fc.option(fc.constantFrom("1", "3", "x"), { nil: undefined }),
    Fluor: fc.option(fc.constant("Cy5"), { nil: undefined, freq: 5 }),
  });
  const data = fc.array(
    fc.record({
      IFD: fc.string(),
      FirstC: fc.constantFrom("0", "1", "-1", "1e9", "x"),
      PlaneCount: fc.constantFrom("1", "3", "1e9", "-1"),
    }),
    { maxLength: 4 },
  );
  const written = (values: object): string =>
    Object.entries(values)
      .flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${String(value).replace(/[<&">]/g, "")}"`]))
      .join(" ");
  fc.assert(
    fc.property(fc.array(attribute, { maxLength: 20 }), data, (channels, places) => {
      const elements = [
        ...channels.map((one) => `<Channel ${written(one)}/>`),
        ...places.map((one) => `<TiffData ${written(one)}/>`),
      ];
      const text = `<OME><Image><Pixels SizeX="1" SizeY="1" SizeC="3" SizeZ="1" SizeT="1">${elements.join("")}</Pixels></Image></OME>`;
      let image: ReturnType<typeof readOme>[number];
      try {
        image = readOme(text)[0]!;
      } catch {
        return; // Control characters are no XML.
      }
      assert.ok(image.directories.length <= 16);
      const rgb = rgbChannels(image.channels);
      if (rgb) assert.deepEqual([...rgb].sort(), [0, 1, 2]);
    }),
    runs(1000),
  );
});

test("the first bytes of any file are of one kind at most", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.ok(readKindOf(bytes) === undefined || otherKindOf(bytes) === undefined);
    }),
    runs(2000),
  );
});
