/**
 * Reads Aperio SVS: a TIFF file whose tiled directories are the levels. Directories in strips are the label and the
 * overview image, and are ignored.
 */
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

  async open(file, codecs) {
    const { littleEndian, directories } = (await tiffOf(file))!;
    const [full, ...others] = directories;
    const stated = fieldsOf(await descriptionOf(full));
    const [microns, objective] = [numberOf(stated, "MPP"), numberOf(stated, "AppMag")];
    return openPyramid(file, codecs, {
      format: aperio.name,
      littleEndian,
      full: [full],
      smaller: others.filter(isTiled).map((directory) => [directory]),
      micronsPerPixel: plausibleMicrons(microns, microns),
      objective: objective >= 1 && objective <= MOST_OBJECTIVE ? objective : undefined,
    });
  },
};

/** The highest plausible magnification of a microscope objective. */
const MOST_OBJECTIVE = 200;

/** Parses a description such as "Aperio Image Library v11.2.1 ...|AppMag = 20|MPP = 0.4990|...". */
function fieldsOf(description: string): ReadonlyMap<string, string> {
  const fields = description.split("|").slice(1);
  return new Map(
    fields.map((field) => {
      const [name = "", value = ""] = field.split("=", 2).map((text) => text.trim());
      return [name, value];
    }),
  );
}

/** A numeric field; NaN if it is missing or invalid. Scanners with other language settings write a decimal comma. */
function numberOf(fields: ReadonlyMap<string, string>, name: string): number {
  return Number.parseFloat(fields.get(name)?.replace(",", ".") ?? "");
}
