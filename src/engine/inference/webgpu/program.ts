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

/**
 * @param most the number of images per run, and of views per image
 */
export function openProgram(
  device: GpuDevice,
  steps: readonly GpuStep[],
  most: { readonly images: number; readonly views: number },
): GpuProgram {
  const { storage, uniform, copyTarget, copySource, mapRead } = USAGE;
  const count = most.images * most.views;
  const bufferOf = (size: number, usage: number) => device.createBuffer({ size, usage });
  const filled = (data: Float32Array | Uint32Array, usage: number): GpuBuffer => {
    const buffer = bufferOf(data.byteLength, usage | copyTarget);
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const first = steps[0]!.output;
  const images = bufferOf(most.images * first.height * first.width * 4, storage | copyTarget);
  const largest = Math.max(...steps.map(({ output }) => areaBytes(output))) * count;
  // Each step reads one of them and writes the other.
  const values = [0, 1].map(() => bufferOf(largest, storage | copySource)) as [GpuBuffer, GpuBuffer];
  const bytesPerImage = areaBytes(steps.at(-1)!.output) * most.views;
  const answers = bufferOf(bytesPerImage * most.images + STAMP_BYTES, mapRead | copyTarget);
  const stamp = bufferOf(STAMP_BYTES, copyTarget | copySource);
  const pipelines = new Map<string, GpuPipeline>();
  const pipelineOf = (code: string): GpuPipeline => {
    const module = device.createShaderModule({ code });
    return device.createComputePipeline({ layout: "auto", compute: { module } });
  };
  const ready = steps.map(({ code, sizes, arrays, workgroups }, place) => {
    const pipeline = pipelines.get(code) ?? pipelineOf(code);
    pipelines.set(code, pipeline);
    const input = place === 0 ? images : values[(place + 1) % 2]!;
    const numbers = new Uint32Array(4);
    numbers.set(sizes);
    const constants = [filled(numbers, uniform), ...arrays.map((array) => filled(array, storage))];
    const buffers = [input, values[place % 2]!, ...constants];
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { pipeline, group, workgroups };
  });
  const result = values[(steps.length - 1) % 2]!;
  let run = 0;

  const order = (pixels: Uint32Array, size: number): void => {
    device.queue.writeBuffer(images, 0, pixels);
    device.queue.writeBuffer(stamp, 0, Uint32Array.of(run));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, group, workgroups } of ready) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups((size / bytesPerImage) * most.views));
    }
    pass.end();
    encoder.copyBufferToBuffer(result, 0, answers, 0, size);
    encoder.copyBufferToBuffer(stamp, 0, answers, size, STAMP_BYTES);
    device.queue.submit([encoder.finish()]);
  };

  return async (pixels, batch) => {
    const size = batch * bytesPerImage;
    run++;
    await Promise.all([checkedOrders(device, () => order(pixels, size)), answers.mapAsync(MAP_READ)]);
    const copy = answers.getMappedRange(0, size + STAMP_BYTES).slice(0);
    answers.unmap();
    // A device that drops the work may leave the answers of the run before.
    if (new DataView(copy).getUint32(size, true) !== run) throw new Error("it did not do all of its work");
    return new Float32Array(copy, 0, size / 4);
  };
}
