/** The part of the WebGPU interface that is used here, typed. The types of Node lack it. */

export interface GpuBuffer {
  mapAsync(mode: number): Promise<unknown>;
  getMappedRange(offset: number, size: number): ArrayBuffer;
  unmap(): void;
}

/** What the interface gives out, to be passed on only. */
interface Opaque {
  readonly label: string;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): Opaque;
}

interface GpuComputePass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: Opaque): void;
  dispatchWorkgroups(x: number, y: number): void;
  end(): void;
}

interface GpuCommandEncoder {
  beginComputePass(): GpuComputePass;
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void;
  finish(): Opaque;
}

interface GpuErrorEvent {
  readonly error: { readonly message: string };
  preventDefault(): void;
}

/** The kinds of errors that a scope collects. */
export const ERROR_KINDS = ["validation", "out-of-memory", "internal"] as const;

export interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    writeBuffer(to: GpuBuffer, offset: number, data: Float32Array | Uint32Array): void;
    submit(commands: readonly Opaque[]): void;
  };
  createBuffer(description: { size: number; usage: number }): GpuBuffer;
  createShaderModule(description: { code: string }): Opaque;
  createComputePipeline(description: { layout: "auto"; compute: { module: Opaque } }): GpuPipeline;
  createBindGroup(description: {
    layout: Opaque;
    entries: readonly { binding: number; resource: { buffer: GpuBuffer } }[];
  }): Opaque;
  createCommandEncoder(): GpuCommandEncoder;
  pushErrorScope(kind: (typeof ERROR_KINDS)[number]): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  addEventListener(type: "uncapturederror", listener: (event: GpuErrorEvent) => void): void;
  destroy(): void;
}

/** What an adapter says of itself. Browsers leave parts of it empty. */
export interface GpuAdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

export interface GpuAdapter {
  readonly info: GpuAdapterInfo;
  requestDevice(): Promise<GpuDevice>;
}

interface Gpu {
  requestAdapter(options: { powerPreference: "high-performance" }): Promise<GpuAdapter | null>;
}

/** The browser's WebGPU; undefined if it has none, or the page's address is not secure. */
export const browserGpu = (): Gpu | undefined =>
  (globalThis as { readonly navigator?: { readonly gpu?: Gpu } }).navigator?.gpu;

/** Flags of the interface, whose names exist as globals in browsers only. */
export const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const;
export const MAP_READ = 1;
