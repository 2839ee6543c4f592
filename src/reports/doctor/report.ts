/** What the verb "doctor" gives: the facts of a machine, and what they mean. */
import type { EngineName } from "../../engine/engine_names.ts";
import type { Machine, WebAssemblyFeatures } from "../../util/machine.ts";

export interface ProviderFact {
  readonly name: string;
  /** It has run a tiny graph. */
  readonly starts: boolean;
  /** Why it has not. */
  readonly reason: string | null;
}

export interface EngineFact {
  readonly name: EngineName;
  readonly threads: number;
  /** Of CancerNet's training step; null if the engine does not run. */
  readonly patches_per_second: number | null;
  /** Why it does not run. */
  readonly reason: string | null;
}

/** All facts. No name of a user or a host, and no path, is among them. */
export interface DoctorFacts extends Machine {
  readonly versions: { readonly cancernet: string; readonly node: string; readonly onnxruntime: string };
  readonly webassembly: WebAssemblyFeatures;
  readonly providers: readonly ProviderFact[];
  readonly engines: readonly EngineFact[];
  /** Free space; null if the folder cannot be asked. */
  readonly disk: { readonly working_folder_free_bytes: number | null; readonly temp_folder_free_bytes: number | null };
}

/** problem: something needed does not work; warning: it works, but may not last or is slow; remark: good to know. */
export const LEVELS = ["problem", "warning", "remark"] as const;

export interface Finding {
  readonly level: (typeof LEVELS)[number];
  /** One sentence. */
  readonly what: string;
  /** One sentence: how to fix it. */
  readonly remedy: string;
}

export interface DoctorReport extends DoctorFacts {
  /** Whether all that is needed works. */
  readonly works: boolean;
  readonly findings: readonly Finding[];
}
