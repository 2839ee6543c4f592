/** TIFF files of scanners that lay their levels out in ways of their own: read as plain ones they would show a wrong picture, so they are named and refused. */
import { type Converter, unreadFormat } from "../conversion.ts";
import type { Directory } from "./directories.ts";

const DESCRIPTION = 270;
const SOFTWARE = 305;
const XMP = 700;
const NDPI_VERSION = 65420;

interface Foreign {
  readonly name: string;
  readonly converter: Converter;
  readonly example: string;
  /** What tells it: a tag of the first directory, and what that says. */
  readonly tag: number;
  readonly says: RegExp;
}

const FORMATS: readonly Foreign[] = [
  { name: "Leica SCN", converter: "libvips", example: "slide.scn", tag: DESCRIPTION, says: /<scn\b/ },
  { name: "Philips TIFF", converter: "libvips", example: "slide.tiff", tag: SOFTWARE, says: /^Philips/ },
  { name: "Trestle", converter: "libvips", example: "slide.tif", tag: SOFTWARE, says: /^MedScan/ },
  { name: "Ventana BIF", converter: "libvips", example: "slide.bif", tag: XMP, says: /<iScan\b/ },
  { name: "Hamamatsu NDPI", converter: "libvips", example: "slide.ndpi", tag: NDPI_VERSION, says: /^/ },
];

/** @throws UserError if the file is of such a scanner. */
export async function refuseForeign(path: string, first: Directory): Promise<void> {
  for (const format of FORMATS) {
    if (!first.hasTag(format.tag)) continue;
    const value: unknown = await first.loadValue(format.tag);
    const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value);
    if (format.says.test(text)) throw unreadFormat(path, format);
  }
}
