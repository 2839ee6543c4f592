/** What is known of a machine: the shapes alone. */

export interface Machine {
  /** "Linux 6.1.0". */
  readonly os: string;
  /** "x64", "arm64". */
  readonly architecture: string;
  /** "glibc 2.36", or "not glibc" (musl); null if it does not matter. */
  readonly libc: string | null;
  readonly cpu: {
    readonly model: string;
    /** Of the machine. */
    readonly cores: number;
    /** That Node lets this process use. */
    readonly cores_available: number;
    /** The processor time that a control group (a container's, a scheduler's) allows, in cores; null if none is set. */
    readonly cores_limit: number | null;
    /** Of AVX2, AVX-512 and NEON those that it has; null if the system does not say. */
    readonly vector_extensions: readonly string[] | null;
  };
  readonly memory: {
    readonly total_bytes: number;
    /** Still free for this process. */
    readonly free_bytes: number;
    /** What a control group allows, if that is less than all. */
    readonly limit_bytes: number | null;
  };
  /** The graphics processors that the system shows; empty if it shows none, or does not say. */
  readonly gpus: readonly string[];
}

/** Whether WebAssembly's vectors work here, and whether its relaxed vectors do. */
export interface WebAssemblyFeatures {
  readonly simd: boolean;
  readonly relaxed_simd: boolean;
}
