/** Types that describe a machine. system/machine.ts reads the values. */

export interface Machine {
  /** Such as "Linux 6.1.0". */
  readonly os: string;
  /** Such as "x64" or "arm64". */
  readonly architecture: string;
  /** "glibc 2.36", or "not glibc" (musl); null on systems other than Linux. */
  readonly libc: string | null;
  readonly cpu: {
    readonly model: string;
    /** All cores of the machine. */
    readonly cores: number;
    /** The cores that Node lets this process use. */
    readonly cores_available: number;
    /**
     * The processor time that a control group (of a container or scheduler) allows, in cores; null if there is no
     * limit.
     */
    readonly cores_limit: number | null;
    /** Which of AVX2, AVX-512 and NEON the processor has; null if the system does not report it. */
    readonly vector_extensions: readonly string[] | null;
  };
  readonly memory: {
    readonly total_bytes: number;
    /** Still available to this process. */
    readonly free_bytes: number;
    /** The limit of a control group; null unless it is below the total. */
    readonly limit_bytes: number | null;
  };
  /** The GPUs that the system reports; empty if it reports none. */
  readonly gpus: readonly string[];
}

/** Whether WebAssembly SIMD and relaxed SIMD work on this machine. */
export interface WebAssemblyFeatures {
  readonly simd: boolean;
  readonly relaxed_simd: boolean;
}
