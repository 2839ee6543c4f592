/** What an OME description (OME-XML, 2016-06) says of each image in it; which of them is the slide is left to ome_tiff.ts. */
import sax from "sax";
import { micronsPerUnit } from "./length_units.ts";

export interface OmeImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Focal planes times points in time. */
  readonly planes: number;
  /** NaN where none is stated. */
  readonly micronsAcross: number;
  readonly micronsDown: number;
  /** It states a pixel's size, sensible or not. */
  readonly statesSize: boolean;
  /** The place of its first plane in the file's chain of directories. */
  readonly directory: number;
}

type Attributes = Readonly<Record<string, string>>;

/** @throws Error where it is no XML. */
export function readOme(description: string): OmeImage[] {
  const images: { pixels: Attributes; directory: number | undefined }[] = [];
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name, attributes }) => {
    const element = name.replace(/^.*:/, "");
    if (element === "Pixels") images.push({ pixels: attributes as Attributes, directory: undefined });
    const image = images.at(-1);
    if (element === "TiffData" && image) image.directory ??= Number((attributes as Attributes).IFD ?? 0);
  };
  parser.write(description).close();
  return images.map(({ pixels, directory = 0 }) => described(pixels, directory));
}

function described(pixels: Attributes, directory: number): OmeImage {
  const size = (name: string) => Number(pixels[name] ?? Number.NaN);
  const microns = (axis: string) => {
    const unit = pixels[`PhysicalSize${axis}Unit`];
    return size(`PhysicalSize${axis}`) * (unit === undefined ? 1 : micronsPerUnit(unit));
  };
  const micronsAcross = microns("X");
  const micronsDown = "PhysicalSizeY" in pixels ? microns("Y") : micronsAcross;
  return {
    ...{ width: size("SizeX"), height: size("SizeY"), channels: size("SizeC") },
    planes: size("SizeZ") * size("SizeT"),
    ...{ micronsAcross, micronsDown, directory, statesSize: "PhysicalSizeX" in pixels },
  };
}
