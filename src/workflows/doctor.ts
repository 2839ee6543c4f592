import { checkedOptions } from "../options/checked_options.ts";
import { type DoctorOptions, doctorOptions } from "../options/doctor.ts";
import type { Context } from "../util/context.ts";
import { counted, whole } from "../util/numbers.ts";
import { tableLines } from "../util/table.ts";
import { type DoctorFacts, gatherFacts } from "./doctor/collect.ts";
import { type Finding, gigabytes, judge } from "./doctor/diagnose.ts";

/** What --json prints. */
export interface DoctorReport extends DoctorFacts {
  /** Whether all that is needed works. */
  readonly works: boolean;
  readonly findings: readonly Finding[];
}

/** Examines the machine, which takes some seconds of all its cores, and prints what it finds. */
export async function doctor(given: DoctorOptions, context: Context): Promise<DoctorReport> {
  const { json } = checkedOptions(doctorOptions, given);
  const facts = await gatherFacts(context);
  const findings = judge(facts);
  const report = { ...facts, works: findings.every(({ level }) => level !== "problem"), findings };
  const lines = json ? JSON.stringify(report, null, 2).split("\n") : doctorLines(report);
  for (const line of lines) context.reporter.info(line);
  return report;
}

/** The report as text. */
export function doctorLines(report: DoctorReport): string[] {
  const findings = report.findings.map(({ level, what, remedy }) => `${level}: ${what} ${remedy}`);
  const end = report.works
    ? "All that is needed works."
    : "Something that is needed does not work: see the problems above.";
  return [...tableLines(["what", "found"], rows(report)), "", ...findings, end];
}

function rows({ versions, cpu, memory, disk, ...facts }: DoctorReport): string[][] {
  const space = (bytes: number | null): string => (bytes === null ? "unknown" : `${gigabytes(bytes)} free`);
  const limit = memory.limit_bytes === null ? "" : `, limited to ${gigabytes(memory.limit_bytes)}`;
  return [
    ["cancernet", versions.cancernet],
    ["Node", versions.node],
    ["ONNX Runtime", versions.onnxruntime],
    ["system", [facts.os, facts.architecture, facts.libc].filter(Boolean).join(", ")],
    ["processor", cpu.model],
    ["cores", coresText(cpu)],
    ["vectors", cpu.vector_extensions?.join(", ") || (cpu.vector_extensions ? "none" : "unknown")],
    ["WebAssembly SIMD", facts.webassembly.simd ? "works" : "missing"],
    ["relaxed SIMD", facts.webassembly.relaxed_simd ? "works" : "missing"],
    ["memory", `${gigabytes(memory.total_bytes)}, ${gigabytes(memory.free_bytes)} free${limit}`],
    ["working folder", space(disk.working_folder_free_bytes)],
    ["temporary files", space(disk.temp_folder_free_bytes)],
    ["graphics", facts.gpus.join(", ") || "none seen"],
    ...facts.providers.map(({ name, starts, reason }) => [`provider ${name}`, starts ? "works" : `no: ${reason}`]),
    ...facts.engines.map(({ name, threads, patches_per_second: speed, reason }) => [
      `engine ${name}`,
      speed === null ? `no: ${reason}` : `${whole(speed)} patches/s in training, ${counted(threads, "thread")}`,
    ]),
  ];
}

function coresText({ cores, cores_available, cores_limit }: DoctorReport["cpu"]): string {
  const available = cores_available < cores ? `, ${cores_available} of them available` : "";
  return `${cores}${available}${cores_limit === null ? "" : `, limited to the time of ${cores_limit}`}`;
}
