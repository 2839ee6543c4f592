/** What the browser lacks of that without which no model runs: WebAssembly with SIMD, and the language of 2024. */

/** The smallest module with a SIMD instruction: a function that makes a vector of zeros and drops it. */
const SMALLEST = [
  ...[0, 97, 115, 109, 1, 0, 0, 0], // "\0asm", version 1
  ...[1, 4, 1, 96, 0, 0], // one type: no parameters, no results
  ...[3, 2, 1, 0], // one function of this type
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11], // its code: i32.const 0, i8x16.splat, drop, end
];

const CURRENT = "use a current version of Chrome, Edge, Firefox or Safari.";

/** The sentence to show, or undefined if models can run. */
export function whatIsLacking(): string | undefined {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(Uint8Array.from(SMALLEST))) {
    return `This browser cannot run the model, because it lacks WebAssembly SIMD: ${CURRENT}`;
  }
  if (!("withResolvers" in Promise)) return `This browser is too old to run the model: ${CURRENT}`;
  return undefined;
}
