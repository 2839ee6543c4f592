/** The process that tests one component. A faulty driver can crash, block or exhaust only this process. */
import type { EngineName } from "../../engine/engine_names.ts";
import { tryProvider } from "../../engine/runtime/node/providers.ts";
import { messageOf } from "../../util/errors.ts";
import { measureEngine } from "./speed.ts";

/**
 * The kinds of components. Each function throws if the component does not work. An engine returns patches per second.
 */
const PROBES = {
  provider: async (name: string): Promise<undefined> => void (await tryProvider(name)),
  engine: (name: string): Promise<number> => measureEngine(name as EngineName),
};

export type ProbeKind = keyof typeof PROBES;

/** The answer: why the component does not work, or its value. */
export interface ProbeAnswer {
  readonly problem?: string;
  readonly value?: number | undefined;
}

async function answer(kind: ProbeKind, name: string): Promise<ProbeAnswer> {
  try {
    return { value: await PROBES[kind](name) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

const [kind, name] = process.argv.slice(2) as [ProbeKind, string];
process.send?.(await answer(kind, name));
