/** A step of the forward pass on a GPU: one shader that reads the values before it and writes its own. */

/** Values per view of an image, float32 [height][width][channels]. */
export interface GpuArea {
  readonly height: number;
  readonly width: number;
  /** The channels that count. */
  readonly channels: number;
  /** With the added channels, which are zero; a multiple of 4. */
  readonly stored: number;
}

export interface GpuStep {
  /**
   * WGSL with one entry point. Its bindings are the input (0), the output (1), `sizes` (2) and the step's arrays (3 and
   * on). Four channels are one vec4f.
   */
  readonly code: string;
  /** At most four whole numbers in the order of the shader's Sizes. So steps of one kind share their compiled shader. */
  readonly sizes: readonly number[];
  readonly arrays: readonly (Float32Array | Uint32Array)[];
  readonly output: GpuArea;
  /** The workgroups for a number of views of images. */
  workgroups(views: number): readonly [x: number, y: number];
}

/** The bytes that an area needs per view of an image. */
export const areaBytes = ({ height, width, stored }: GpuArea): number => height * width * stored * 4;

/** The number of vectors of four channels. */
export const quadsOf = ({ stored }: GpuArea): number => stored / 4;
