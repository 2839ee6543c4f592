/** Collects the facts about a machine that a bug report needs. The files in reports/doctor interpret them. */
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { ENGINE_NAMES, type EngineName } from "../../engine/engine_names.ts";
import { providerNames } from "../../engine/runtime/node/providers.ts";
import { RUNTIME_VERSION } from "../../engine/runtime/node/session.ts";
import { threadsOf } from "../../options/thread_count.ts";
import type { DoctorFacts, EngineFact, ProviderFact } from "../../reports/doctor/report.ts";
import { readMachine } from "../../system/machine.ts";
import { NODE_VERSION, SOFTWARE } from "../../system/version.ts";
import { tryWebAssembly } from "../../system/webassembly.ts";
import type { Context } from "../../util/context.ts";
import { askProbe } from "../device/health_check.ts";

/** @throws the signal's reason if it is aborted. */
export async function gatherFacts(context: Context): Promise<DoctorFacts> {
  const providers = providerNames();
  const total = providers.length + ENGINE_NAMES.length;
  let done = 0;
  const checked = <T>(fact: T): T => {
    context.reporter.progress({ task: "check-machine", done: ++done, total, unit: "parts" });
    return fact;
  };
  // Read before anything else here uses memory.
  const machine = readMachine();
  const providerFacts: ProviderFact[] = [];
  for (const name of providers) providerFacts.push(checked(await providerFact(name, context.signal)));
  const engines: EngineFact[] = [];
  for (const name of ENGINE_NAMES) engines.push(checked(await engineFact(name, context.signal)));
  return {
    versions: { cancernet: SOFTWARE.split(" ")[1]!, node: NODE_VERSION.slice(1), onnxruntime: RUNTIME_VERSION },
    ...machine,
    webassembly: tryWebAssembly(),
    providers: providerFacts,
    engines,
    disk: {
      working_folder_free_bytes: await freeBytes("."),
      temp_folder_free_bytes: await freeBytes(tmpdir()),
    },
  };
}

async function providerFact(name: string, signal: AbortSignal): Promise<ProviderFact> {
  const { problem } = await askProbe("provider", name, signal);
  return { name, starts: problem === undefined, reason: problem ?? null };
}

async function engineFact(name: EngineName, signal: AbortSignal): Promise<EngineFact> {
  const { value, problem } = await askProbe("engine", name, signal);
  return {
    name,
    threads: threadsOf({}),
    patches_per_second: value === undefined ? null : Math.round(value),
    reason: problem ?? null,
  };
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
