/** The result of the command "doctor" as lines of text. */
import { counted, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { gigabytes } from "./diagnose.ts";
import type { DoctorReport } from "./report.ts";

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
