/** The result of the command "doctor": the facts of a machine, and what they mean. */
import type { EngineName } from "../../engine/engine_names.ts";
import type { Machine, WebAssemblyFeatures } from "../../util/machine.ts";

export interface ProviderFact {
  readonly name: string;
  /** Whether it ran a tiny graph. */
  readonly starts: boolean;
  /** Why it did not run the graph; null if it did. */
  readonly reason: string | null;
}

export interface EngineFact {
  readonly name: EngineName;
  readonly threads: number;
  /** Speed of CancerNet's training step; null if the engine does not run. */
  readonly patches_per_second: number | null;
  /** Why the engine does not run; null if it does. */
  readonly reason: string | null;
}

/** All facts. They contain no user name, no host name and no path. */
export interface DoctorFacts extends Machine {
  readonly versions: { readonly cancernet: string; readonly node: string; readonly onnxruntime: string };
  readonly webassembly: WebAssemblyFeatures;
  readonly providers: readonly ProviderFact[];
  readonly engines: readonly EngineFact[];
  /** Free space in bytes; null if it cannot be determined. */
  readonly disk: { readonly working_folder_free_bytes: number | null; readonly temp_folder_free_bytes: number | null };
}

/**
 * problem: something required does not work; warning: it works, but is slow or may fail later; remark: good to know.
 */
export const LEVELS = ["problem", "warning", "remark"] as const;

export interface Finding {
  readonly level: (typeof LEVELS)[number];
  /** One sentence. */
  readonly what: string;
  /** One sentence: how to fix it. */
  readonly remedy: string;
}

export interface DoctorReport extends DoctorFacts {
  /** Whether everything required works. */
  readonly works: boolean;
  readonly findings: readonly Finding[];
}
