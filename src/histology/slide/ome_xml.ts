/** What an OME description (OME-XML, 2016-06) says of each image in it; which of them is the slide is left to ome_tiff.ts. */
import { type Attributes, walkXml } from "./xml.ts";

export interface OmeImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Focal planes times points in time. */
  readonly planes: number;
  /** NaN where none is stated. */
  readonly micronsAcross: number;
  readonly micronsDown: number;
  /** The place of its first plane in the file's chain of directories. */
  readonly directory: number;
}

/** Micrometres by unit; both signs for micro are in use. */
const MICRONS: Readonly<Record<string, number>> = {
  "\u00b5m": 1,
  "\u03bcm": 1,
  nm: 1e-3,
  "\u00c5": 1e-4,
  mm: 1e3,
  cm: 1e4,
  m: 1e6,
};

/** @throws Error where it is no XML. */
export function readOme(description: string): OmeImage[] {
  const images: { pixels: Attributes; directory: number | undefined }[] = [];
  walkXml(description, {
    open: (element, attributes) => {
      if (element === "Pixels") images.push({ pixels: attributes, directory: undefined });
      const image = images.at(-1);
      if (element === "TiffData" && image) image.directory ??= Number(attributes.IFD ?? 0);
    },
  });
  return images.map(({ pixels, directory = 0 }) => described(pixels, directory));
}

function described(pixels: Attributes, directory: number): OmeImage {
  const size = (name: string) => Number(pixels[name] ?? Number.NaN);
  const microns = (axis: string) => {
    const unit = MICRONS[pixels[`PhysicalSize${axis}Unit`] ?? "\u00b5m"];
    return size(`PhysicalSize${axis}`) * (unit ?? Number.NaN);
  };
  const micronsAcross = microns("X");
  const micronsDown = "PhysicalSizeY" in pixels ? microns("Y") : micronsAcross;
  return {
    ...{ width: size("SizeX"), height: size("SizeY"), channels: size("SizeC") },
    planes: size("SizeZ") * size("SizeT"),
    ...{ micronsAcross, micronsDown, directory },
  };
}
