/**
 * The supported combinations of compression, colours, samples and planes in TIFF images. All others are refused with
 * the name of the unsupported tag.
 */
import { UserError } from "../../../util/errors.ts";
import type { TiffImage } from "./image.ts";

/** How a compression stores colours: as plain samples, or in its own way. */
export type Family = "samples" | "JPEG" | "JPEG 2000" | "WebP";

export const COMPRESSIONS: Readonly<Record<number, { readonly name: string; readonly family: Family }>> = {
  1: { name: "uncompressed", family: "samples" },
  5: { name: "LZW", family: "samples" },
  7: { name: "JPEG", family: "JPEG" },
  8: { name: "deflate", family: "samples" },
  32773: { name: "PackBits", family: "samples" },
  32946: { name: "deflate", family: "samples" },
  33003: { name: "JPEG 2000", family: "JPEG 2000" },
  33004: { name: "JPEG 2000", family: "JPEG 2000" },
  33005: { name: "JPEG 2000", family: "JPEG 2000" },
  34712: { name: "JPEG 2000", family: "JPEG 2000" },
  50000: { name: "zstd", family: "samples" },
  50001: { name: "WebP", family: "WebP" },
};

const UNREAD_COMPRESSIONS: Readonly<Record<number, string>> = {
  ...{ 2: "CCITT", 3: "CCITT fax 3", 4: "CCITT fax 4", 6: "old-style JPEG", 9: "JBIG", 10: "JBIG" },
  ...{ 22610: "JPEG XR", 32809: "ThunderScan", 32766: "NeXT", 34661: "JBIG", 34676: "SGI log", 34677: "SGI log" },
  ...{ 32908: "Pixar film", 32909: "Pixar log", 34887: "LERC", 34892: "lossy JPEG of DNG", 34925: "LZMA" },
  ...{ 34933: "PNG", 34934: "JPEG XR", 50002: "JPEG XL", 52546: "JPEG XL" },
};

const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
const PALETTE = 3;
const YCBCR = 6;

const PHOTOMETRICS: Readonly<Record<number, string>> = {
  ...{ [WHITE_IS_ZERO]: "grey, white is zero", [BLACK_IS_ZERO]: "grey", [RGB]: "RGB", [PALETTE]: "palette" },
  ...{ 4: "mask", 5: "CMYK", [YCBCR]: "YCbCr", 8: "CIE L*a*b*", 9: "ICC L*a*b*", 10: "ITU L*a*b*" },
  ...{ 32803: "colour filter array", 32844: "log L", 32845: "log Luv", 34892: "linear raw" },
};

/** The supported layouts of one photometric interpretation in one family. */
interface Kind {
  /** Allowed numbers of samples per pixel. A sample beyond the colours is transparency. */
  readonly samples: readonly number[];
  /** Allowed bits per sample. */
  readonly bits: readonly number[];
  /** Whether separate planes are supported too (PlanarConfiguration 2). */
  readonly apart: boolean;
}

const KINDS: Readonly<Record<Family, Readonly<Record<number, Kind>>>> = {
  samples: {
    [WHITE_IS_ZERO]: { samples: [1, 2], bits: [8], apart: true },
    [BLACK_IS_ZERO]: { samples: [1, 2], bits: [8, 16], apart: true },
    [RGB]: { samples: [3, 4], bits: [8, 16], apart: true },
    [PALETTE]: { samples: [1], bits: [1, 2, 4, 8], apart: true },
  },
  JPEG: {
    [BLACK_IS_ZERO]: { samples: [1], bits: [8], apart: true },
    [RGB]: { samples: [3], bits: [8], apart: true },
    [YCBCR]: { samples: [3], bits: [8], apart: false },
  },
  "JPEG 2000": {
    [BLACK_IS_ZERO]: { samples: [1], bits: [8], apart: true },
    [RGB]: { samples: [3], bits: [8], apart: true },
    [YCBCR]: { samples: [3], bits: [8], apart: false },
  },
  WebP: { [RGB]: { samples: [3, 4], bits: [8], apart: false } },
};

const WHOLE_NUMBERS = 1;
const PREDICTOR = 317;
const FILL_ORDER = 266;
const COLOR_MAP = 320;
const ZSTD = 50000;
/** The compressions that use a predictor. For others libtiff, and so OpenSlide, ignores it. */
export const PREDICTED: readonly number[] = [5, 8, 32946, ZSTD];

/**
 * Full 16-bit data has a maximum of at least this. A smaller stated maximum means fewer bits, and the image would look
 * black.
 */
export const LEAST_MOST_VALUE = 1 << 15;

/** @throws UserError that names the tag and its value, if images of this kind are not supported. */
export function requireKnownKind(path: string, image: TiffImage): void {
  const problem = kindProblem(image);
  if (problem === undefined) return;
  throw new UserError(
    "slide-unsupported",
    `${path} has ${problem}: convert it to RGB of 8 bits, such as a tiled TIFF with JPEG.`,
  );
}

/** The unsupported tag and its value, as a clause; undefined if the image is supported. */
export function kindProblem(image: TiffImage): string | undefined {
  return compressionProblem(image) ?? sampleProblem(image) ?? codingProblem(image);
}

function compressionProblem({ compression, photometric }: TiffImage): string | undefined {
  const known = COMPRESSIONS[compression];
  if (!known) {
    const names = [...new Set(Object.values(COMPRESSIONS).map(({ name }) => name))];
    return `TIFF compression ${named(compression, UNREAD_COMPRESSIONS)}, but only ${names.join(", ")} are read`;
  }
  if (KINDS[known.family][photometric]) return undefined;
  return `PhotometricInterpretation ${named(photometric, PHOTOMETRICS)} with ${known.name}, which is not read`;
}

function sampleProblem(image: TiffImage): string | undefined {
  const { compression, photometric, samplesPerPixel, bits, sampleFormats, planar, extraSamples } = image;
  const { name, family } = COMPRESSIONS[compression]!;
  const kind = KINDS[family][photometric]!;
  const what = `${PHOTOMETRICS[photometric]} with ${name}`;
  if (!kind.samples.includes(samplesPerPixel)) {
    return `SamplesPerPixel ${samplesPerPixel}, but ${what} is read with ${kind.samples.join(" or ")}`;
  }
  const stated = bits.slice(0, 8).join(", ");
  if (bits.some((count) => count !== bits[0])) return `BitsPerSample ${stated}, which differ`;
  if (!kind.bits.includes(bits[0]!)) {
    return `BitsPerSample ${stated || "without a value"}, but ${what} is read with ${kind.bits.join(" or ")}`;
  }
  const format = sampleFormats.find((value) => value !== WHOLE_NUMBERS);
  if (format !== undefined) return `SampleFormat ${format}, but whole numbers without sign (1) are read`;
  if (planar !== 1 && !(planar === 2 && (kind.apart || samplesPerPixel === 1))) {
    return `PlanarConfiguration ${planar} with ${what}, which is not read`;
  }
  const extra = extraSamples.find((value) => value > 2);
  return extra === undefined ? undefined : `ExtraSamples ${extra}, which is unknown`;
}

function codingProblem({ compression, photometric, coding, bits, mostValue }: TiffImage): string | undefined {
  if (COMPRESSIONS[compression]!.family !== "samples") return undefined;
  const predictor = coding.get(PREDICTOR)?.[0] ?? 1;
  if (PREDICTED.includes(compression) && predictor !== 1 && !(predictor === 2 && bits[0]! >= 8)) {
    return `Predictor ${predictor}, but 1 and 2 are read, the second of 8 bits and more`;
  }
  const order = coding.get(FILL_ORDER)?.[0] ?? 1;
  if (order !== 1 && (order !== 2 || compression === ZSTD)) {
    return `FillOrder ${order} with ${COMPRESSIONS[compression]!.name}, which is not read`;
  }
  const colours = coding.get(COLOR_MAP)?.length ?? 0;
  if (photometric === PALETTE && colours !== 3 << bits[0]!) {
    return `a ColorMap of ${colours} values for a palette of ${bits[0]} bits`;
  }
  if (bits[0] === 16 && mostValue !== undefined && mostValue < LEAST_MOST_VALUE) {
    return `16 bits per sample, of which it says that none is above ${mostValue}: scaled as 16 bits it would be black`;
  }
  return undefined;
}

function named(value: number, names: Readonly<Record<number, string>>): string {
  return names[value] === undefined ? String(value) : `${value} (${names[value]})`;
}
