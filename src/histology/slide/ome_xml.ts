/** Reads the images described in an OME description (OME-XML, 2016-06). ome_tiff.ts chooses which one is the slide. */
import { micronsPerUnit } from "./length_units.ts";
import type { OmeChannel } from "./ome_channels.ts";
import { walkXml, type XmlAttributes } from "./xml.ts";

export interface OmeImage {
  readonly width: number;
  readonly height: number;
  /** The total number of samples of all channels. */
  readonly samples: number;
  readonly channels: readonly OmeChannel[];
  /** Number of focal planes times number of time points. */
  readonly planes: number;
  /** Micrometres per pixel; NaN if not stated. */
  readonly micronsAcross: number;
  readonly micronsDown: number;
  /** Number of bits used per sample, if stated. */
  readonly significantBits: number | undefined;
  /** Whether a pixel size is stated, plausible or not. */
  readonly statesSize: boolean;
  /**
   * The directory index of each channel's first plane in the file's chain. It is always known for the first channel.
   */
  readonly directories: readonly [number, ...(number | undefined)[]];
}

interface Elements {
  readonly pixels: XmlAttributes;
  readonly channels: { attributes: XmlAttributes; transmitted: boolean }[];
  readonly data: XmlAttributes[];
}

/** Attribute values of a channel that mean transmitted light. */
const LIGHT = /^Transmitted$|^Brightfield$/i;

/** @throws Error if the text is not valid XML. */
export function readOme(description: string): OmeImage[] {
  const images: Elements[] = [];
  walkXml(description, {
    open: (element, own) => {
      if (element === "Pixels") images.push({ pixels: own, channels: [], data: [] });
      const image = images.at(-1);
      if (element === "TiffData") image?.data.push(own);
      if (element !== "Channel") return;
      const transmitted = [own.IlluminationType, own.ContrastMethod].some((value) => LIGHT.test(value ?? ""));
      image?.channels.push({ attributes: own, transmitted });
    },
  });
  return images.map(described);
}

function described({ pixels, channels, data }: Elements): OmeImage {
  const size = (name: string) => Number(pixels[name] ?? Number.NaN);
  const microns = (axis: string) => {
    const unit = pixels[`PhysicalSize${axis}Unit`];
    return size(`PhysicalSize${axis}`) * (unit === undefined ? 1 : micronsPerUnit(unit));
  };
  const micronsAcross = microns("X");
  const micronsDown = "PhysicalSizeY" in pixels ? microns("Y") : micronsAcross;
  return {
    ...{ width: size("SizeX"), height: size("SizeY"), samples: size("SizeC") },
    channels: channels.map(channelOf),
    planes: size("SizeZ") * size("SizeT"),
    ...{ micronsAcross, micronsDown, statesSize: "PhysicalSizeX" in pixels },
    significantBits: "SignificantBits" in pixels ? size("SignificantBits") : undefined,
    directories: directoriesOf(data, channels.length),
  };
}

function channelOf({ attributes, transmitted }: Elements["channels"][number]): OmeChannel {
  const { Name, Color, SamplesPerPixel, Fluor, EmissionWavelength, ExcitationWavelength } = attributes;
  return {
    name: Name,
    color: Color === undefined ? undefined : Number(Color) | 0,
    samples: Number(SamplesPerPixel ?? 1),
    fluorescent: [Fluor, EmissionWavelength, ExcitationWavelength].some((value) => value !== undefined),
    transmitted,
  };
}

/**
 * Each TiffData element gives the directories of consecutive planes. Without PlaneCount it is one plane, or all planes
 * if IFD is missing too.
 */
function directoriesOf(data: readonly XmlAttributes[], channels: number): OmeImage["directories"] {
  const found: (number | undefined)[] = Array<undefined>(Math.min(Math.max(channels, 1), MOST_CHANNELS)).fill(
    undefined,
  );
  for (const { IFD, FirstC, FirstZ, FirstT, PlaneCount } of data) {
    if (Number(FirstZ ?? 0) !== 0 || Number(FirstT ?? 0) !== 0) continue;
    const [directory, first] = [Number(IFD ?? 0), Number(FirstC ?? 0)];
    const count = PlaneCount === undefined ? (IFD === undefined ? found.length : 1) : Number(PlaneCount);
    for (let plane = 0; plane < count && first + plane < found.length; plane++)
      found[first + plane] ??= directory + plane;
  }
  if (data.length === 0) for (const plane of found.keys()) found[plane] = plane;
  return [found[0] ?? Number(data[0]?.IFD ?? 0), ...found.slice(1)];
}

/** A limit on memory. Images with more than three channels are not supported. */
const MOST_CHANNELS = 16;
