/**
 * Decodes JPEG and WebP with mozjpeg and libwebp, compiled to WebAssembly: the decoders that libvips uses. The browser's
 * own decoders differ between browsers, and some browsers change the pixels that a page reads back.
 */
import jpegDecode, { init as openJpeg } from "@jsquash/jpeg/decode.js";
import webpDecode, { init as openWebp } from "@jsquash/webp/decode.js";
import type { RgbaImage } from "../../histology/image/flatten.ts";
import { messageOf, UserError } from "../../util/errors.ts";
import { oneAfterTheOther } from "../one_after_the_other.ts";

/**
 * Decodes a file completely.
 * @throws Error with the codec's own words if it is damaged in any way; UserError if the codec cannot be loaded
 */
export type Codec = (bytes: Uint8Array) => Promise<RgbaImage>;

interface CodecParts {
  /** Where the compiled codec is; it is loaded with the first picture of its kind. */
  readonly address: URL;
  readonly init: (module: WebAssembly.Module, options: object) => Promise<void>;
  readonly decode: (bytes: ArrayBuffer) => Promise<RgbaImage>;
}

function codec({ address, init, decode }: CodecParts): Codec {
  let compiled: Promise<WebAssembly.Module> | undefined;
  let isOpen = false;
  let complaints: string[] = [];
  return oneAfterTheOther(async (bytes: Uint8Array) => {
    compiled ??= load(address);
    const module = await compiled.catch((error: unknown) => {
      compiled = undefined;
      // This says nothing of the picture.
      throw new UserError(
        "file-missing",
        `${address.pathname.split("/").at(-1)} cannot be loaded (${messageOf(error)}): put it beside worker.js.`,
      );
    });
    // libjpeg only warns of damage, and fills what is missing with grey.
    const options = { printErr: (text: string) => complaints.push(text), print: () => {} };
    if (!isOpen) await init(module, options);
    isOpen = true;
    complaints = [];
    try {
      const image = await decode(Uint8Array.from(bytes).buffer);
      if (complaints.length === 0) return image;
    } catch (error) {
      // A codec that has failed may not go on.
      isOpen = false;
      if (complaints.length === 0) throw error instanceof Error ? error : new Error("it cannot be decoded");
    }
    throw new Error(complaints.join("; "));
  });
}

/** Not by compileStreaming, which needs the right type of file from the server. */
async function load(address: URL): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

export const decodeJpeg = codec({
  address: new URL("./mozjpeg_dec.wasm", import.meta.url),
  init: openJpeg as CodecParts["init"],
  decode: jpegDecode,
});

export const decodeWebp = codec({
  address: new URL("./webp_dec.wasm", import.meta.url),
  init: openWebp as CodecParts["init"],
  decode: webpDecode,
});
