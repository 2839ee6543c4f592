/** Decodes JPEG 2000 pictures with OpenJPEG in WebAssembly, one after the other, on the calling thread. */
import load from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import { messageOf } from "../../../util/errors.ts";
import { type Codestream, readCodestream, withOblongComponents } from "./codestream.ts";
import { type Plane, rgbFromGrey, rgbFromYcbcr } from "./colours.ts";

/** A codestream, its size, and the meaning of its three components. */
export interface Jpeg2000Order {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly colours: "rgb" | "ycbcr";
}

/** [height, width, 3], or the reason for a failure. */
export type Jpeg2000Answer = { readonly rgb: Uint8ClampedArray<ArrayBuffer> } | { readonly problem: string };

type Decoder = InstanceType<Awaited<ReturnType<typeof load>>["J2KDecoder"]>;
type Frame = { readonly width: number; readonly height: number; readonly componentCount: number };

/**
 * A decoder. The library is loaded with the first picture.
 * @param locate the address of the compiled library; if undefined, it is found beside the package's code, in Node.
 */
export function jpeg2000Decoder(locate?: () => string): (order: Jpeg2000Order) => Promise<Jpeg2000Answer> {
  let decoder: Promise<Decoder> | undefined;
  // The library changes its options object, so each decoder gets a new one.
  const open = async (): Promise<Decoder> => {
    const options = { print: () => {}, printErr: () => {}, ...(locate ? { locateFile: locate } : {}) };
    const { J2KDecoder } = await load(options);
    return new J2KDecoder();
  };
  const unpack: Unpack = async (codestream, expected) => {
    decoder ??= open();
    return unpacked(await decoder, codestream, expected);
  };
  return async (order) => {
    try {
      return { rgb: await decode(order, unpack) };
    } catch (error) {
      // After an error, the decoder's memory is in an unknown state. The next picture gets a new decoder.
      decoder = undefined;
      return { problem: messageOf(error) };
    }
  };
}

type Unpack = (codestream: Uint8Array, expected: Frame) => Promise<Uint8Array>;

/**
 * Components of different sizes are returned one after the other, in a buffer for three full-size ones. The limit keeps
 * this buffer from filling the decoder's memory.
 */
const MOST_PIXELS_OF_UNEQUAL = 1 << 20;

async function decode(
  { bytes, width, height, colours }: Jpeg2000Order,
  unpack: Unpack,
): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const codestream = readCodestream(bytes);
  const { sampling } = codestream;
  if (codestream.width !== width || codestream.height !== height) {
    throw new Error(`it has ${codestream.width} x ${codestream.height} pixels, not ${width} x ${height}`);
  }
  const unequal = sampling.some(([across, down]) => across > 1 || down > 1);
  if (unequal && width * height > MOST_PIXELS_OF_UNEQUAL)
    throw new Error("its components differ in size, and it is large");
  const samples = await unpack(unequal ? withOblongComponents(bytes) : bytes, {
    ...{ width, height: unequal ? 2 * height : height, componentCount: sampling.length },
  });
  if (sampling.length === 1) return rgbFromGrey(samples);
  if (colours === "rgb" && unequal) throw new Error("its red, green and blue differ in size");
  if (colours === "rgb") return new Uint8ClampedArray(samples);
  return rgbFromYcbcr(planesOf(codestream, samples), width, height);
}

function unpacked(decoder: Decoder, codestream: Uint8Array, expected: Frame): Uint8Array {
  try {
    decoder.getEncodedBuffer(codestream.length).set(codestream);
    decoder.decode();
  } catch {
    // WebAssembly's error messages do not help users.
    throw new Error("its data are damaged, or need too much memory");
  }
  const { width, height, componentCount } = decoder.getFrameInfo();
  const asExpected =
    width === expected.width && height === expected.height && componentCount === expected.componentCount;
  if (!asExpected) throw new Error("its data are damaged or cut off");
  return decoder.getDecodedBuffer();
}

/** Sample i of component c is at index 3 i + c, whatever the component's size. */
function planesOf({ width, sampling }: Codestream, samples: Uint8Array): [Plane, Plane, Plane] {
  const planes = sampling.map(([across, down], start): Plane => {
    return { samples, start, width: Math.ceil(width / across), across, down };
  });
  return planes as [Plane, Plane, Plane];
}
