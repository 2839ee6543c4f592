// Types for the used part of OpenJPEG's JavaScript build. The package has no types.
declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  interface Decoder {
    /** Memory for the codestream, inside WebAssembly's memory. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    /** Interleaved samples inside WebAssembly's memory, valid until the next call. */
    getDecodedBuffer(): Uint8Array;
    /** All zero if decoding failed. */
    getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
  }
  interface Library {
    readonly J2KDecoder: new () => Decoder;
  }
  /** The library reports each step to `print`. `locateFile` gives the address of its compiled part. */
  export default function load(options: {
    print(text: string): void;
    printErr(text: string): void;
    locateFile?(): string;
  }): Promise<Library>;
}
