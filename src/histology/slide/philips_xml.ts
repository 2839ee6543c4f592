/** Reads the XML of a Philips TIFF: the kinds of its scanned images and their pixel spacings. */
import { walkXml } from "./xml.ts";

/** Distance between pixels in millimetres. */
export interface Spacing {
  readonly x: number;
  readonly y: number;
}

export interface PhilipsImage {
  /** "WSI", "LABELIMAGE" or "MACROIMAGE". */
  readonly kind: string;
  readonly spacing: Spacing | undefined;
  /** The spacing of each level, largest level first. */
  readonly levels: readonly (Spacing | undefined)[];
}

const IMAGES = "PIM_DP_SCANNED_IMAGES";
const KIND = `${IMAGES}/PIM_DP_IMAGE_TYPE`;
const SPACING = `${IMAGES}/DICOM_PIXEL_SPACING`;
const LEVEL_SPACING = `${IMAGES}/PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE/DICOM_PIXEL_SPACING`;

/** @throws Error if the text is not valid XML. */
export function readPhilips(xml: string): PhilipsImage[] {
  const found: { kind: string; spacing: Spacing | undefined; levels: (Spacing | undefined)[] }[] = [];
  /** The names of the open attributes from the outside in. `text` is the text of the innermost one. */
  const path: string[] = [];
  let text = "";
  walkXml(xml, {
    open: (name, attributes) => {
      text = "";
      if (name === "Attribute") path.push(attributes.Name ?? "");
      if (name === "DataObject" && path.join("/") === IMAGES) found.push({ kind: "", spacing: undefined, levels: [] });
    },
    // The limit skips long texts, one of which is the label's image.
    text: (piece) => {
      if (text.length < 1000) text += piece;
    },
    close: (name) => {
      if (name !== "Attribute") return;
      const [place, image] = [path.join("/"), found.at(-1)];
      path.pop();
      if (place === KIND && image) image.kind = text.trim();
      if (place === SPACING && image) image.spacing = spacingOf(text);
      if (place === LEVEL_SPACING && image) image.levels.push(spacingOf(text));
    },
  });
  return found;
}

/** Parses a text such as "0.000227" "0.000226", in quotes: the spacing between rows, then between columns. */
function spacingOf(text: string): Spacing | undefined {
  const [y, x, ...more] = text.replaceAll('"', " ").trim().split(/\s+/).map(Number);
  return x! > 0 && y! > 0 && more.length === 0 ? { x: x!, y: y! } : undefined;
}
