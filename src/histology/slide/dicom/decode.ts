/**
 * The supported encodings of DICOM frames, one row each. Decodes a frame's bytes to pixels in the colours that the file
 * states.
 */
import { decodeImage } from "../../image/decode.ts";
import type { RgbImage } from "../../image/rgb.ts";
import { wholeJpeg } from "../jpeg.ts";
import { statedColours } from "../jpeg_colours.ts";
import { readCodestream } from "../jpeg2000/codestream.ts";
import { decodeJpeg2000 } from "../node/jpeg2000.ts";
import { type Instance, unread } from "./instance.ts";

type Decode = (instance: Instance, frame: Buffer, place: string) => Promise<RgbImage>;

interface Coding {
  readonly name: string;
  /** The supported photometric interpretations. */
  readonly colours: readonly string[];
  readonly decode: Decode;
}

const plain: Coding = {
  name: "uncompressed",
  colours: ["RGB", "MONOCHROME1", "MONOCHROME2"],
  decode: async (instance, frame) => fromSamples(instance, frame),
};

const jpeg: Coding = {
  name: "JPEG",
  colours: ["YBR_FULL_422", "YBR_FULL", "YBR_PARTIAL_420", "RGB", "MONOCHROME1", "MONOCHROME2"],
  decode: async ({ tileWidth, tileHeight, samplesPerPixel, photometric }, frame, place) => {
    const colours = samplesPerPixel === 1 ? "grey" : jpegColours(frame, photometric);
    const image = await decodeImage(wholeJpeg(frame, undefined, colours), place, tileWidth * tileHeight);
    return photometric === "MONOCHROME1" ? inverted(image) : image;
  },
};

/**
 * The colours of a JPEG frame. As in all decoders, Adobe's segment in the frame takes precedence over the file's
 * header. A JFIF segment implies YCbCr, so a file whose header states RGB for such a frame contradicts itself.
 */
function jpegColours(frame: Buffer, photometric: string): "rgb" | "ycbcr" {
  const { adobe, jfif } = statedColours(frame);
  const stated = photometric === "RGB" ? "rgb" : "ycbcr";
  if (adobe !== undefined) return adobe;
  if (jfif && stated === "rgb") throw new Error("its file states RGB, but its JPEG data YCbCr");
  return stated;
}

/**
 * YBR_ICT and YBR_RCT are JPEG 2000's own colour transforms, which the decoder reverses. Some scanners store YCbCr
 * without such a transform.
 */
const jpeg2000: Coding = {
  name: "JPEG 2000",
  colours: ["YBR_ICT", "YBR_RCT", "YBR_FULL", "RGB", "MONOCHROME1", "MONOCHROME2"],
  decode: async ({ tileWidth: width, tileHeight: height, photometric }, frame) => {
    const { transformed } = readCodestream(frame);
    if (photometric === "YBR_RCT" && !transformed)
      throw new Error("its colours are not transformed as its file states");
    const colours = transformed || photometric === "RGB" ? "rgb" : "ycbcr";
    const image = await decodeJpeg2000({ bytes: frame, width, height, colours });
    return photometric === "MONOCHROME1" ? inverted(image) : image;
  },
};

const CODINGS: Readonly<Record<string, Coding>> = {
  "1.2.840.10008.1.2": plain,
  "1.2.840.10008.1.2.1": plain,
  "1.2.840.10008.1.2.4.50": jpeg,
  "1.2.840.10008.1.2.4.90": jpeg2000,
  "1.2.840.10008.1.2.4.91": jpeg2000,
};

/** Unsupported transfer syntaxes, with their common names and the program that decompresses them. */
const UNREAD: Readonly<Record<string, readonly [name: string, unpackedBy?: "GDCM"]>> = {
  "1.2.840.10008.1.2.4.51": ["JPEG of 12 bits"],
  "1.2.840.10008.1.2.4.57": ["lossless JPEG", "GDCM"],
  "1.2.840.10008.1.2.4.70": ["lossless JPEG", "GDCM"],
  "1.2.840.10008.1.2.4.80": ["JPEG-LS", "GDCM"],
  "1.2.840.10008.1.2.4.81": ["JPEG-LS", "GDCM"],
  "1.2.840.10008.1.2.4.110": ["JPEG XL"],
  "1.2.840.10008.1.2.4.111": ["JPEG XL"],
  "1.2.840.10008.1.2.4.112": ["JPEG XL"],
  "1.2.840.10008.1.2.4.201": ["HTJ2K"],
  "1.2.840.10008.1.2.4.202": ["HTJ2K"],
  "1.2.840.10008.1.2.4.203": ["HTJ2K"],
  "1.2.840.10008.1.2.5": ["RLE", "GDCM"],
};

/** @throws UserError if the encoding or its colours are not supported. */
export function codingOf(instance: Instance): Decode {
  const { file, header, photometric, samplesPerPixel, planes } = instance;
  const coding = CODINGS[header.transferSyntax];
  if (!coding) {
    const [name, unpackedBy] = UNREAD[header.transferSyntax] ?? ["unknown"];
    const names = [...new Set(Object.values(CODINGS).map((row) => row.name))].join(", ");
    throw unread(
      file,
      `whose frames have the transfer syntax ${header.transferSyntax} (${name}), but only ${names} are read`,
      unpackedBy,
    );
  }
  const samples = photometric.startsWith("MONOCHROME") ? 1 : 3;
  if (!coding.colours.includes(photometric) || samplesPerPixel !== samples) {
    throw unread(
      file,
      `in the colours ${photometric} of ${samplesPerPixel} samples, ${coding.name}, which are not read`,
    );
  }
  if (planes && coding !== plain && samples > 1) {
    throw unread(file, `with separate colour planes, ${coding.name}, which are not read`);
  }
  return coding.decode;
}

/** Converts uncompressed samples, either one (grey) or three per pixel, interleaved or in planes. */
function fromSamples({ tileWidth: width, tileHeight: height, ...instance }: Instance, frame: Buffer): RgbImage {
  const pixels = width * height;
  if (instance.samplesPerPixel === 3 && !instance.planes) return { width, height, data: new Uint8Array(frame) };
  const data = new Uint8Array(3 * pixels);
  const plane = instance.samplesPerPixel === 3 ? pixels : 0;
  for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) data[3 * i + c] = frame[i + c * plane]!;
  const image = { width, height, data };
  return instance.photometric === "MONOCHROME1" ? inverted(image) : image;
}

/** In MONOCHROME1 the lowest value is white. */
const inverted = (image: RgbImage): RgbImage => ({ ...image, data: image.data.map((value) => 255 - value) });
