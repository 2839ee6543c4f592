/** Aperio SVS: a TIFF file whose tiled directories are the levels; those in strips show the label and the whole glass. */
import type { SlideFormat } from "./format.ts";
import { descriptionOf, tiffOf } from "./tiff/directories.ts";
import { isTiled } from "./tiff/image.ts";
import { openPyramid } from "./tiff/pyramid.ts";
import { plausibleMicrons } from "./tiff/resolution.ts";

export const aperio: SlideFormat = {
  name: "Aperio SVS",
  extensions: [".svs"],

  async recognises(file) {
    const tiff = await tiffOf(file);
    if (!tiff || !isTiled(tiff.directories[0])) return false;
    return (await descriptionOf(tiff.directories[0])).startsWith("Aperio");
  },

  async open(file) {
    const { littleEndian, directories } = (await tiffOf(file))!;
    const [full, ...others] = directories;
    const micronsPerPixel = micronsOf(await descriptionOf(full));
    return openPyramid(file, {
      format: aperio.name,
      littleEndian,
      full,
      smaller: others.filter(isTiled),
      micronsPerPixel,
    });
  },
};

/** From a description such as "Aperio Image Library v11.2.1 ...|AppMag = 20|MPP = 0.4990|...". */
function micronsOf(description: string): number | undefined {
  for (const field of description.split("|").slice(1)) {
    const [name, value = ""] = field.split("=", 2).map((text) => text.trim());
    // Scanners set up for other languages write a comma.
    const microns = Number(value.replace(",", "."));
    if (name === "MPP") return plausibleMicrons(microns, microns);
  }
  return undefined;
}
