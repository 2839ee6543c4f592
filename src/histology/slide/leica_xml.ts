/** Reads the XML of a Leica SCN slide: each image's position on the glass, in nanometres, and its TIFF directories. */
import { walkXml, type XmlAttributes } from "./xml.ts";

/** An image of one area or of the whole glass. */
export interface LeicaImage {
  /** Position and size on the glass, in nanometres. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly illumination: string;
  readonly objective: string;
  /** The levels of the first focal plane, largest first. */
  readonly levels: readonly { readonly directory: number; readonly width: number; readonly height: number }[];
}

export interface LeicaCollection {
  /** Size of the glass in nanometres. */
  readonly width: number;
  readonly height: number;
  readonly images: readonly LeicaImage[];
}

type Open = { -readonly [K in keyof LeicaImage]: LeicaImage[K] } & { levels: LeicaImage["levels"][number][] };

/** @throws Error if the text is not valid XML. */
export function readLeica(xml: string): LeicaCollection {
  const size = { width: Number.NaN, height: Number.NaN };
  const images: Open[] = [];
  let text = "";
  walkXml(xml, {
    open: (name, attributes) => {
      text = "";
      const image = images.at(-1);
      if (name === "collection") Object.assign(size, sizeOf(attributes));
      if (name === "image") {
        images.push({
          x: Number.NaN,
          y: Number.NaN,
          ...{ width: Number.NaN, height: Number.NaN, illumination: "", objective: "", levels: [] },
        });
      }
      if (name === "view" && image) {
        Object.assign(image, sizeOf(attributes), { x: numberOf(attributes.offsetX), y: numberOf(attributes.offsetY) });
      }
      if (name === "dimension" && image && (attributes.z ?? "0") === "0") {
        image.levels.push({ directory: numberOf(attributes.ifd), ...sizeOf(attributes) });
      }
    },
    text: (piece) => {
      text += piece;
    },
    close: (name) => {
      const image = images.at(-1);
      if (name === "illuminationSource" && image) image.illumination = text.trim();
      if (name === "objective" && image) image.objective = text.trim();
    },
  });
  for (const { levels } of images) levels.sort((a, b) => b.width - a.width);
  return { ...size, images };
}

const numberOf = (text: string | undefined): number => (text === undefined ? Number.NaN : Number(text));

const sizeOf = ({ sizeX, sizeY }: XmlAttributes) => ({ width: numberOf(sizeX), height: numberOf(sizeY) });
