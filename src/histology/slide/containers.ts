/**
 * Refuses files of unsupported slide formats before the other formats inspect them. In many of these formats, the file
 * that users name is only a part of the slide (a thumbnail or a list of files). Without this check it could be read as
 * the whole slide.
 */
import { latin1, latin1Bytes } from "../../util/bytes.ts";
import { type Converter, unreadFormat } from "./conversion.ts";
import type { SlideFile } from "./file.ts";

/** The number of leading bytes to search. This is enough to find the group name in a text list of files. */
const TEXT_BYTES = 4096;

export interface Container {
  readonly name: string;
  readonly converter: Converter;
  /** A file name for use in the advice. */
  readonly example: string;
  /** The first bytes of the file; undefined matches any byte. */
  readonly start?: readonly (number | undefined)[];
  /** A pattern for the file's first 4 KB, read as Latin-1. */
  readonly says?: RegExp;
  /** The file name extension, for formats that cannot be recognised by content. */
  readonly ending?: string;
}

export const MIRAX: Container = { name: "MIRAX", converter: "libvips", example: "slide.mrxs" };
export const VMS: Container = { name: "Hamamatsu VMS", converter: "libvips", example: "slide.vms" };

const bytes = (text: string): number[] => [...latin1Bytes(text)];

const CONTAINERS: readonly Container[] = [
  { ...MIRAX, ending: ".mrxs" },
  { ...MIRAX, says: /^\s*\[GENERAL\][\s\S]*?^SLIDE_ID\s*=/m },
  { ...VMS, says: /^\s*\[Virtual Microscope Specimen\]/m },
  {
    name: "Hamamatsu VMU",
    converter: "libvips",
    example: "slide.vmu",
    says: /^\s*\[Uncompressed Virtual Microscope Specimen\]/m,
  },
  {
    name: "Hamamatsu NDPIS",
    converter: "vendor",
    example: "slide.ndpis",
    says: /^\s*\[NanoZoomer Digital Pathology Image Set\]/m,
  },
  {
    name: "Philips iSyntax",
    converter: "vendor",
    example: "slide.isyntax",
    says: /^\s*(<\?xml[^>]*>\s*)?<DataObject\b/,
  },
  { name: "Zeiss CZI", converter: "Bio-Formats", example: "slide.czi", start: bytes("ZISRAWFILE") },
  {
    name: "Zeiss ZVI, Olympus OIB or Motic MDS (OLE)",
    converter: "vendor",
    example: "slide.zvi",
    start: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
  },
  {
    name: "Sakura SVSLIDE (SQLite)",
    converter: "libvips",
    example: "slide.svslide",
    start: bytes("SQLite format 3\0"),
  },
  {
    name: "Leica LIF",
    converter: "Bio-Formats",
    example: "slide.lif",
    start: [0x70, 0, 0, 0, undefined, undefined, undefined, undefined, 0x2a],
  },
  { name: "Nikon ND2", converter: "Bio-Formats", example: "slide.nd2", start: [0xda, 0xce, 0xbe, 0x0a] },
  { name: "Olympus VSI", converter: "Bio-Formats", example: "slide.vsi", start: bytes("SIS\0") },
  { name: "Olympus VSI", converter: "Bio-Formats", example: "slide.vsi", ending: ".vsi" },
];

/** The extension of a file's name in lower case, with its dot. The empty text if the name has no extension. */
const extensionOf = (path: string): string => /[^/\\](\.[^./\\]*)$/.exec(path)?.[1]?.toLowerCase() ?? "";

/**
 * The extensions of these formats. A folder search includes them, so that an unsupported slide is reported instead of
 * being skipped silently.
 */
export const CONTAINER_EXTENSIONS: readonly string[] = [
  ...new Set(CONTAINERS.map(({ example }) => extensionOf(example))),
];

/** @throws UserError if the file is a slide in an unsupported format. */
export async function refuseContainers(file: SlideFile): Promise<void> {
  const ending = extensionOf(file.path);
  const text = latin1(await file.readAtMost(0, TEXT_BYTES));
  const found = CONTAINERS.find(
    ({ start, says, ending: own }) =>
      start?.every((byte, i) => byte === undefined || byte === file.head[i]) || says?.test(text) || own === ending,
  );
  if (found) throw unreadFormat(file.path, found);
}
