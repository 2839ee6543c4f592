/**
 * Reads the XML of a Ventana slide: the pixel width, and the positions and joints of the tiles in each scanned area.
 */
import { walkXml, type XmlAttributes } from "./xml.ts";

/** An area of tiles. `columns` and `rows` are numbers of tiles. */
export interface VentanaArea {
  readonly columns: number;
  readonly rows: number;
  /** Position on the glass in pixels. The row axis points up. */
  readonly x: number;
  readonly y: number;
  /** Position in the file's image in pixels. */
  readonly originX: number;
  readonly originY: number;
  /** Whether any two tiles overlap. */
  readonly overlaps: boolean;
}

/** The pixel width in micrometres; NaN if not stated. */
export function scanResolution(xml: string): number {
  let found = Number.NaN;
  walkXml(xml, {
    open: (name, { ScanRes }) => {
      if (name === "iScan" && ScanRes !== undefined) found = Number(ScanRes);
    },
  });
  return found;
}

export function scannedAreas(xml: string): VentanaArea[] {
  const images: { attributes: XmlAttributes; overlaps: boolean }[] = [];
  const origins: XmlAttributes[] = [];
  walkXml(xml, {
    open: (name, attributes) => {
      const image = images.at(-1);
      if (name === "ImageInfo") images.push({ attributes, overlaps: false });
      if (
        name === "TileJointInfo" &&
        image &&
        (Number(attributes.OverlapX) !== 0 || Number(attributes.OverlapY) !== 0)
      ) {
        image.overlaps = true;
      }
      if (attributes.OriginX !== undefined) origins.push(attributes);
    },
  });
  const areas = images.map(({ attributes, overlaps }, i): VentanaArea & { scanned: boolean } => ({
    ...{ columns: Number(attributes.NumCols), rows: Number(attributes.NumRows), overlaps },
    ...{ x: Number(attributes["Pos-X"]), y: Number(attributes["Pos-Y"]) },
    ...{ originX: Number(origins[i]?.OriginX), originY: Number(origins[i]?.OriginY) },
    scanned: Number(attributes.AOIScanned) !== 0,
  }));
  return areas.filter(({ scanned }) => scanned);
}
