// As much of OpenJPEG's JavaScript build as is used; the package states no types.
declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  interface Decoder {
    /** Room for the codestream, in WebAssembly's memory. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    /** Samples pixel by pixel, in WebAssembly's memory until the next call. */
    getDecodedBuffer(): Uint8Array;
    /** Zeros if the codestream could not be decoded. */
    getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
  }
  interface Library {
    readonly J2KDecoder: new () => Decoder;
  }
  /** Its notes of each step go to `print`. */
  export default function load(options: { print(text: string): void; printErr(text: string): void }): Promise<Library>;
}
