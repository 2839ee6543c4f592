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
    const stated = fieldsOf(await descriptionOf(full));
    const [microns, objective] = [numberOf(stated, "MPP"), numberOf(stated, "AppMag")];
    return openPyramid(file, {
      format: aperio.name,
      littleEndian,
      full: [full],
      smaller: others.filter(isTiled).map((directory) => [directory]),
      micronsPerPixel: plausibleMicrons(microns, microns),
      objective: objective >= 1 && objective <= MOST_OBJECTIVE ? objective : undefined,
    });
  },
};

/** No microscope magnifies more. */
const MOST_OBJECTIVE = 200;

/** The fields of a description such as "Aperio Image Library v11.2.1 ...|AppMag = 20|MPP = 0.4990|...". */
function fieldsOf(description: string): ReadonlyMap<string, string> {
  const fields = description.split("|").slice(1);
  return new Map(
    fields.map((field) => {
      const [name = "", value = ""] = field.split("=", 2).map((text) => text.trim());
      return [name, value];
    }),
  );
}

/** NaN if there is no such number. Scanners set up for other languages write a comma. */
function numberOf(fields: ReadonlyMap<string, string>, name: string): number {
  return Number.parseFloat(fields.get(name)?.replace(",", ".") ?? "");
}
