/**
 * Refuses, by name, unsupported TIFF formats that a general reader would display incorrectly, for example as a part of
 * the image or as one of several colours.
 */
import { type Converter, unreadFormat } from "../conversion.ts";
import type { Directory } from "./directories.ts";
import { SOFTWARE_TAG, textOf } from "./texts.ts";

const DESCRIPTION = 270;
const SAMPLES_PER_PIXEL = 277;
const LSM_INFO = 34412;
const NDPI_VERSION = 65420;

interface Foreign {
  readonly name: string;
  readonly converter: Converter;
  readonly example: string;
  /** The format's mark: a tag of the first directory, and a pattern for its value. */
  readonly tag: number;
  readonly says: RegExp;
  /** Refuse only if the colours are in separate images, because the first of them could be taken for the slide. */
  readonly oneColour?: boolean;
}

const FORMATS: readonly Foreign[] = [
  { name: "Leica SCN", converter: "vendor", example: "slide.scn", tag: DESCRIPTION, says: /<scn\b/ },
  { name: "Philips TIFF", converter: "vendor", example: "slide.tiff", tag: SOFTWARE_TAG, says: /^Philips/ },
  { name: "Hamamatsu NDPI", converter: "vendor", example: "slide.ndpi", tag: NDPI_VERSION, says: /^/ },
  { name: "Zeiss LSM", converter: "Bio-Formats", example: "slide.lsm", tag: LSM_INFO, says: /^/ },
  {
    name: "Akoya QPTIFF of fluorescence",
    converter: "vendor",
    example: "slide.qptiff",
    tag: DESCRIPTION,
    says: /<PerkinElmer-QPI-ImageDescription\b/,
    oneColour: true,
  },
];

/** @throws UserError if the file has one of these formats. */
export async function refuseForeign(path: string, first: Directory): Promise<void> {
  for (const format of FORMATS) {
    if (!first.hasTag(format.tag) || !format.says.test(await textOf(first, format.tag))) continue;
    if (format.oneColour && Number(first.getValue(SAMPLES_PER_PIXEL) ?? 1) >= 3) continue;
    throw unreadFormat(path, format);
  }
}
