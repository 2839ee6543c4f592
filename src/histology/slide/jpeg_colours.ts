/** Reads the colour information in the segments of a JPEG stream. */
import { dataViewOf, latin1 } from "../../util/bytes.ts";

const APP0 = 0xe0;
const APP14 = 0xee;
const SOS = 0xda;

export interface StatedColours {
  /** The colours stated by Adobe's segment, if present. */
  readonly adobe: "rgb" | "ycbcr" | undefined;
  /** Whether there is a JFIF segment, which implies YCbCr. */
  readonly jfif: boolean;
}

/** @throws Error if the stream is damaged before its pixel data. */
export function statedColours(stream: Uint8Array): StatedColours {
  const view = dataViewOf(stream);
  let found: StatedColours = { adobe: undefined, jfif: false };
  for (let place = 2; place + 4 <= stream.length; ) {
    if (stream[place] !== 0xff) throw new Error(`there is no JPEG marker at its byte ${place}`);
    const marker = stream[place + 1]!;
    if (marker === SOS) return found;
    if (marker === 0xff) {
      place++;
      continue;
    }
    const segment = stream.subarray(place + 4, place + 2 + view.getUint16(place + 2));
    if (marker === APP0 && latin1(segment, 0, 4) === "JFIF") found = { ...found, jfif: true };
    if (marker === APP14 && segment.length >= 12 && latin1(segment, 0, 5) === "Adobe") {
      found = { ...found, adobe: segment[11] === 0 ? "rgb" : "ycbcr" };
    }
    place += 2 + view.getUint16(place + 2);
  }
  throw new Error("its JPEG data end before its pixels");
}
