/** The compiled kernels inside the worker's file, so that no request and no rule for it is needed. */

/** The module in Base64; scripts/build_browser.ts puts it here. */
declare const KERNELS_BASE64: string;

/** The bytes of the WebAssembly module of engine/inference/kernels. */
export const kernelBytes = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(KERNELS_BASE64), (character) => character.charCodeAt(0));
