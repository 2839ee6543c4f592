/**
 * Reads and checks the description of the image in one DICOM slide file (Supplement 145). frames.ts locates its frames.
 */
import { UserError } from "../../../util/errors.ts";
import { type Converter, conversionAdvice } from "../conversion.ts";
import type { NodeSlideFile } from "../node/file.ts";
import { type DataSet, type Element, elementText, numberOf, textsOf } from "./elements.ts";
import type { DicomHeader } from "./header.ts";
import { TAG } from "./tags.ts";

export interface Instance {
  readonly file: NodeSlideFile;
  readonly header: DicomHeader;
  /** The unique id of the instance. Copies of a file have the same id. */
  readonly identity: string;
  /** Size of the whole level in pixels, even if this file contains only a part of it. */
  readonly width: number;
  readonly height: number;
  /** Size in pixels of a frame, which is a tile of the level. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly frames: number;
  readonly photometric: string;
  readonly samplesPerPixel: number;
  /** True if each sample is in a separate plane, false if the samples of a pixel are interleaved. */
  readonly planes: boolean;
  /**
   * Set if the level is divided over several files: the level's id, the number of frames in the files before this one,
   * and the number of files, if stated.
   */
  readonly concatenation:
    | { readonly name: string; readonly first: number; readonly parts: number | undefined }
    | undefined;
  /** The positions of the frames in the level; undefined if the frames are in row-major order. */
  readonly positions: Element | undefined;
  /** Micrometres per pixel; undefined if not stated. */
  readonly spacing: { readonly x: number; readonly y: number } | undefined;
}

const MOST_TILE_PIXELS = 1 << 24;
const MOST_SIDE_PIXELS = 1 << 26;
const MOST_FRAMES = 1 << 24;

/** Whether the file contains tissue. Other files of the series contain the label, the overview or a thumbnail. */
export function isTissueImage(data: DataSet): boolean {
  return textsOf(data, TAG.imageType)[2] === "VOLUME";
}

/** @throws UserError if the file is damaged or of an unsupported kind. */
export async function describeInstance(file: NodeSlideFile, header: DicomHeader): Promise<Instance> {
  const { data } = header;
  const number = (tag: number, what: string, most: number): number => {
    const value = tag === TAG.numberOfFrames ? Number(elementText(data, tag) ?? 1) : numberOf(data, tag);
    if (value !== undefined && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
    throw damaged(file, `its ${what} is ${value ?? "missing"}`);
  };
  const instance = {
    ...{ file, header, identity: elementText(data, TAG.sopInstance) ?? file.path },
    width: number(TAG.totalColumns, "number of columns", MOST_SIDE_PIXELS),
    height: number(TAG.totalRows, "number of rows", MOST_SIDE_PIXELS),
    tileWidth: number(TAG.columns, "frames' width", 65_535),
    tileHeight: number(TAG.rows, "frames' height", 65_535),
    frames: number(TAG.numberOfFrames, "number of frames", MOST_FRAMES),
    photometric: elementText(data, TAG.photometric) ?? "",
    samplesPerPixel: number(TAG.samplesPerPixel, "number of samples of a pixel", 65_535),
    planes: numberOf(data, TAG.planarConfiguration) === 1,
    concatenation: concatenationOf(data),
    positions: elementText(data, TAG.dimensionOrganization) === "TILED_FULL" ? undefined : data.get(TAG.groupsPerFrame),
    spacing: await spacingOf(header),
  };
  requireOneLayer(file, data);
  requireEightBits(file, data);
  if (instance.tileWidth * instance.tileHeight > MOST_TILE_PIXELS) {
    throw unread(
      file,
      `with frames of ${instance.tileWidth} x ${instance.tileHeight} pixels, too many to decode at once`,
    );
  }
  return instance;
}

function concatenationOf(data: DataSet): Instance["concatenation"] {
  const name = elementText(data, TAG.concatenation);
  if (name === undefined) return undefined;
  return { name, first: numberOf(data, TAG.firstFrameOfPart) ?? 0, parts: numberOf(data, TAG.partsOfConcatenation) };
}

function requireOneLayer(file: NodeSlideFile, data: DataSet): void {
  const paths = numberOf(data, TAG.opticalPaths) ?? 1;
  const planes = numberOf(data, TAG.focalPlanes) ?? 1;
  if (paths > 1)
    throw new UserError(
      "slide-unsupported",
      `${file.path} is a DICOM slide of ${paths} optical paths: export one of them as RGB.`,
    );
  if (planes > 1)
    throw new UserError(
      "slide-unsupported",
      `${file.path} is a DICOM slide of ${planes} focal planes: export one of them.`,
    );
}

function requireEightBits(file: NodeSlideFile, data: DataSet): void {
  const bits = [TAG.bitsAllocated, TAG.bitsStored].map((tag) => numberOf(data, tag));
  const unsigned = (numberOf(data, TAG.pixelRepresentation) ?? 0) === 0;
  if (bits.every((value) => value === 8) && unsigned) return;
  throw unread(
    file,
    `with ${bits[1] ?? "an unknown number of"} ${unsigned ? "" : "signed "}bits per sample, but 8 bits are read`,
  );
}

/** The spacing shared by all frames. DICOM states millimetres, between rows first and between columns second. */
async function spacingOf({ reader, data }: DicomHeader): Promise<Instance["spacing"]> {
  const shared = await firstItem(reader, data.get(TAG.sharedGroups));
  const measures = await firstItem(reader, shared?.get(TAG.pixelMeasures));
  const [down, across] = measures ? textsOf(measures, TAG.pixelSpacing).map(Number) : [];
  return across === undefined || down === undefined ? undefined : { x: across * 1000, y: down * 1000 };
}

async function firstItem(reader: DicomHeader["reader"], sequence: Element | undefined): Promise<DataSet | undefined> {
  if (!sequence) return undefined;
  for await (const item of reader.items(sequence)) return item;
  return undefined;
}

export function damaged(file: NodeSlideFile, why: string): UserError {
  return new UserError("slide-damaged", `${file.path} is a damaged DICOM slide (${why}): restore it.`);
}

/** @param what the unsupported part of DICOM, as a continuation of "a DICOM slide". */
export function unread(file: NodeSlideFile, what: string, converter: Converter = "vendor"): UserError {
  return new UserError(
    "slide-unsupported",
    `${file.path} is a DICOM slide ${what}: ${conversionAdvice(converter, "slide.dcm")}.`,
  );
}
