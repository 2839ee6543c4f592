/** The process that tries one part, so that a faulty driver ends, blocks or fills only this one. */
import type { EngineName } from "../../engine/engine_names.ts";
import { tryProvider } from "../../engine/runtime/node/providers.ts";
import { messageOf } from "../../util/errors.ts";
import { measureEngine } from "./speed.ts";

/** The kinds of parts. Each throws if the part does not work; an engine gives its patches per second. */
const PROBES = {
  provider: async (name: string): Promise<undefined> => void (await tryProvider(name)),
  engine: (name: string): Promise<number> => measureEngine(name as EngineName),
};

export type ProbeKind = keyof typeof PROBES;

/** What it answers: why the part does not work, or what it gave. */
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
