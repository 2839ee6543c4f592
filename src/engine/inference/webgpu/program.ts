/** The shaders of a model on a device, with their arrays. */
import { type GpuBuffer, type GpuDevice, type GpuPipeline, MAP_READ, USAGE } from "./api.ts";
import { checkedOrders } from "./device_errors.ts";
import { areaBytes, type GpuStep } from "./step.ts";

/**
 * Runs all steps on images.
 * @param pixels [image][pixel], as the first step reads them
 * @returns the output of the last step, [image][view][channels]
 * @throws Error if the device does not do all of it
 */
export type GpuProgram = (pixels: Uint32Array, images: number) => Promise<Float32Array>;

const STAMP_BYTES = 4;
/** The numbers in a uniform value, whose size is a multiple of 16 bytes. */
const MOST_SIZES = 4;

/** @param most the number of images per run, and of views per image */
export function openProgram(
  device: GpuDevice,
  steps: readonly GpuStep[],
  most: { readonly images: number; readonly views: number },
): GpuProgram {
  const { storage, copyTarget, copySource, mapRead } = USAGE;
  const bufferOf = (size: number, usage: number) => device.createBuffer({ size, usage });
  const first = steps[0]!.output;
  const images = bufferOf(most.images * first.height * first.width * 4, storage | copyTarget);
  const largest = Math.max(...steps.map(({ output }) => areaBytes(output))) * most.images * most.views;
  const [one, other] = [bufferOf(largest, storage | copySource), bufferOf(largest, storage | copySource)];
  const bytesPerImage = areaBytes(steps.at(-1)!.output) * most.views;
  const answers = bufferOf(bytesPerImage * most.images + STAMP_BYTES, mapRead | copyTarget);
  const stamp = bufferOf(STAMP_BYTES, copyTarget | copySource);
  const ready = readySteps(device, steps, { images, one, other });
  const result = steps.length % 2 === 1 ? one : other;
  let run = 0;

  const order = (pixels: Uint32Array, batch: number): void => {
    device.queue.writeBuffer(images, 0, pixels);
    device.queue.writeBuffer(stamp, 0, Uint32Array.of(run));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, group, workgroups } of ready) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups(batch * most.views));
    }
    pass.end();
    encoder.copyBufferToBuffer(result, 0, answers, 0, batch * bytesPerImage);
    encoder.copyBufferToBuffer(stamp, 0, answers, batch * bytesPerImage, STAMP_BYTES);
    device.queue.submit([encoder.finish()]);
  };

  return async (pixels, batch) => {
    const size = batch * bytesPerImage;
    run++;
    await Promise.all([checkedOrders(device, () => order(pixels, batch)), answers.mapAsync(MAP_READ)]);
    const copy = answers.getMappedRange(0, size + STAMP_BYTES).slice(0);
    answers.unmap();
    // A device that drops the work may leave the answers of the run before.
    if (new Uint32Array(copy, size, 1)[0] !== run) throw new Error("it did not do all of its work");
    return new Float32Array(copy, 0, size / 4);
  };
}

interface Places {
  readonly images: GpuBuffer;
  /** The first step reads the images and writes to `one`; each other step reads what the step before it has written. */
  readonly one: GpuBuffer;
  readonly other: GpuBuffer;
}

/** Compiles each different shader once, and gives the steps their arrays. */
function readySteps(device: GpuDevice, steps: readonly GpuStep[], { images, one, other }: Places) {
  const { storage, uniform, copyTarget } = USAGE;
  const filled = (data: Float32Array | Uint32Array, usage: number): GpuBuffer => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: usage | copyTarget });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const pipelines = new Map<string, GpuPipeline>();
  for (const code of new Set(steps.map((step) => step.code))) {
    const module = device.createShaderModule({ code });
    pipelines.set(code, device.createComputePipeline({ layout: "auto", compute: { module } }));
  }
  let [input, output, next] = [images, one, other];
  return steps.map(({ code, sizes, arrays, workgroups }) => {
    const numbers = new Uint32Array(MOST_SIZES);
    numbers.set(sizes);
    const buffers = [input, output, filled(numbers, uniform), ...arrays.map((array) => filled(array, storage))];
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const pipeline = pipelines.get(code)!;
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    [input, output, next] = [output, next, output];
    return { pipeline, group, workgroups };
  });
}
