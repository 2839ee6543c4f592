/** A file as a hostile slide: what is read of it, and the command line. */
import type { Region } from "../../src/histology/image/region.ts";
import { openSlide } from "../../src/histology/slide/open.ts";
import type { Expectation, HostileInput } from "./judge.ts";

/** The largest region that is asked for: a slide may claim any size. */
const MOST_SIDE = 700;

/** Opens a slide and reads each level at its corners and in its middle. */
export async function readAll(path: string): Promise<Uint8Array> {
  const slide = await openSlide(path);
  try {
    for (const [index, { width, height }] of slide.levels.entries()) {
      const [w, h] = [Math.min(width, MOST_SIDE), Math.min(height, MOST_SIDE)];
      for (const [x, y] of [
        [0, 0],
        [width - w, height - h],
        [(width - w) >> 1, (height - h) >> 1],
      ] as const) {
        await slide.readRegion(index, { x, y, width: w, height: h });
      }
    }
    return (await slide.readRegion(0, WHOLE)).data;
  } finally {
    await slide.close();
  }
}

/** The part of level 0 that reading gives. */
export const WHOLE: Region = { x: 0, y: 0, width: 200, height: 150 };

export interface More {
  readonly sentence?: RegExp;
  readonly sample?: boolean;
  readonly file?: string;
  readonly check?: (result: unknown) => void;
}

/** A slide as an input: read inside, or scored by the real program. */
export function slide(
  name: string,
  expect: Expectation,
  bytes: Buffer | (() => Buffer),
  more: More = {},
): HostileInput {
  const { file = "slide.tif", ...rest } = more;
  return {
    name,
    expect,
    files: () => ({ [file]: typeof bytes === "function" ? bytes() : bytes }),
    args: ({ at, out }) => ["slide", "idc", at(file), "--out", out],
    run: ({ at }) => readAll(at(file)),
    ...rest,
  };
}
