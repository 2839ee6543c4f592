/** TIFF files of scanners that lay their levels out in ways of their own: read as plain ones they would show a wrong picture, so they are named and refused. */
import { UserError } from "../../../util/errors.ts";
import type { Directory } from "./directories.ts";

const DESCRIPTION = 270;
const SOFTWARE = 305;
const XMP = 700;
const NDPI_VERSION = 65420;

/** What tells each by its first directory. */
const FORMATS: readonly { name: string; tag: number; says: RegExp }[] = [
  { name: "Leica SCN", tag: DESCRIPTION, says: /<scn\b/ },
  { name: "Philips TIFF", tag: SOFTWARE, says: /^Philips/ },
  { name: "Trestle", tag: SOFTWARE, says: /^MedScan/ },
  { name: "Ventana BIF", tag: XMP, says: /<iScan\b/ },
  { name: "Hamamatsu NDPI", tag: NDPI_VERSION, says: /^/ },
];

/** @throws UserError where the file is of such a scanner. */
export async function refuseForeign(path: string, first: Directory): Promise<void> {
  for (const { name, tag, says } of FORMATS) {
    if (!first.hasTag(tag)) continue;
    const value: unknown = await first.loadValue(tag);
    const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value);
    if (!says.test(text)) continue;
    throw new UserError(
      `${path} is a slide of the format ${name}, which is not read: convert it to a tiled pyramidal TIFF, ` +
        "such as with libvips: vips tiffsave SLIDE OUT.tif --tile --pyramid --compression jpeg --Q 90 --background 255 --bigtiff.",
    );
  }
}
