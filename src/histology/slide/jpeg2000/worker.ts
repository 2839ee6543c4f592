/** A worker thread that decodes JPEG 2000 pictures for decode.ts, one after the other. */
import { parentPort } from "node:worker_threads";
import load from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import { messageOf } from "../../../util/errors.ts";
import { type Codestream, readCodestream, withOblongComponents } from "./codestream.ts";
import { type Plane, rgbFromGrey, rgbFromYcbcr } from "./colours.ts";

/** A codestream, its size, and the meaning of its three components. */
export interface Order {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly colours: "rgb" | "ycbcr";
}

/** [height, width, 3], or the reason for a failure. */
export type Answer = { readonly rgb: Uint8ClampedArray } | { readonly problem: string };

type Decoder = InstanceType<Awaited<ReturnType<typeof load>>["J2KDecoder"]>;

let decoder: Promise<Decoder> | undefined;

/** The library modifies its options object, so each decoder gets a new one. */
function loadDecoder(): Promise<Decoder> {
  return load({ print: () => {}, printErr: () => {} }).then(({ J2KDecoder }) => new J2KDecoder());
}

async function answer(order: Order): Promise<Answer> {
  try {
    return { rgb: await decode(order) };
  } catch (error) {
    // After an error, the decoder's memory is in an unknown state. The next picture gets a new decoder.
    decoder = undefined;
    return { problem: messageOf(error) };
  }
}

/**
 * Components of different sizes are returned one after the other, in a buffer for three full-size ones. The limit keeps
 * this buffer from filling the decoder's memory.
 */
const MOST_PIXELS_OF_UNEQUAL = 1 << 20;

async function decode({ bytes, width, height, colours }: Order): Promise<Uint8ClampedArray> {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const codestream = readCodestream(whole);
  const { sampling } = codestream;
  if (codestream.width !== width || codestream.height !== height) {
    throw new Error(`it has ${codestream.width} x ${codestream.height} pixels, not ${width} x ${height}`);
  }
  const unequal = sampling.some(([across, down]) => across > 1 || down > 1);
  if (unequal && width * height > MOST_PIXELS_OF_UNEQUAL)
    throw new Error("its components differ in size, and it is large");
  const samples = await unpack(unequal ? withOblongComponents(whole) : whole, {
    ...{ width, height: unequal ? 2 * height : height, componentCount: sampling.length },
  });
  if (sampling.length === 1) return rgbFromGrey(samples);
  if (colours === "rgb" && unequal) throw new Error("its red, green and blue differ in size");
  if (colours === "rgb") return new Uint8ClampedArray(samples);
  return rgbFromYcbcr(planesOf(codestream, samples), width, height);
}

type Frame = { readonly width: number; readonly height: number; readonly componentCount: number };

async function unpack(codestream: Buffer, expected: Frame): Promise<Uint8Array> {
  decoder ??= loadDecoder();
  const current = await decoder;
  try {
    current.getEncodedBuffer(codestream.length).set(codestream);
    current.decode();
  } catch {
    // WebAssembly's error messages do not help users.
    throw new Error("its data are damaged, or need too much memory");
  }
  const { width, height, componentCount } = current.getFrameInfo();
  const asExpected =
    width === expected.width && height === expected.height && componentCount === expected.componentCount;
  if (!asExpected) throw new Error("its data are damaged or cut off");
  return current.getDecodedBuffer();
}

/** Sample i of component c is at index 3 i + c, whatever the component's size. */
function planesOf({ width, sampling }: Codestream, samples: Uint8Array): [Plane, Plane, Plane] {
  const planes = sampling.map(([across, down], start): Plane => {
    return { samples, start, width: Math.ceil(width / across), across, down };
  });
  return planes as [Plane, Plane, Plane];
}

parentPort?.on("message", async (order: Order) => {
  const reply = await answer(order);
  parentPort!.postMessage(reply, "rgb" in reply ? [reply.rgb.buffer as ArrayBuffer] : []);
});
