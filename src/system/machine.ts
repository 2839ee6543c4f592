/** Reads the hardware and the system of this machine. The result contains no name of a user, host or folder. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { dirname, join } from "node:path";
import type { Machine } from "../util/machine.ts";
import { reportOnProcess } from "./process_report.ts";

/** The architecture of the processor, as Node names it: x64, arm64. */
export const ARCHITECTURE: string = process.arch;

/** The text of a file, or undefined if it cannot be read. */
export type Read = (path: string) => string | undefined;

const readSystemFile: Read = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** The machine that runs this process. */
export function readMachine(): Machine {
  const total = totalmem();
  const limit = process.constrainedMemory();
  const processors = cpus();
  return {
    os: `${type()} ${release()}`,
    architecture: process.arch,
    libc: process.platform === "linux" ? libc() : null,
    cpu: {
      model: processors[0]?.model.trim() ?? "unknown",
      cores: processors.length,
      cores_available: availableParallelism(),
      cores_limit: coresLimit(readSystemFile),
      vector_extensions: vectorExtensions(process.arch, readSystemFile("/proc/cpuinfo")),
    },
    memory: {
      total_bytes: total,
      free_bytes: process.availableMemory(),
      // Zero, or more than the total, means that there is no limit.
      limit_bytes: limit > 0 && limit < total ? limit : null,
    },
    gpus: gpuNames(),
  };
}

function libc(): string {
  const { header } = reportOnProcess();
  return header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : "not glibc";
}

const EXTENSIONS = { avx2: "AVX2", avx512f: "AVX-512", asimd: "NEON" };

/** The vector extensions that Linux's /proc/cpuinfo lists. 64-bit ARM always has NEON. */
export function vectorExtensions(architecture: string, cpuinfo: string | undefined): string[] | null {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo ?? "")?.[1]?.split(/\s+/);
  if (!flags) return architecture === "arm64" ? ["NEON"] : null;
  return Object.entries(EXTENSIONS).flatMap(([flag, name]) => (flags.includes(flag) ? [name] : []));
}

/**
 * The smallest limit of processor time, in cores, that this process's control group or one above it sets; null if there
 * is none. Node includes this limit in its core count on most systems, but not on all.
 */
export function coresLimit(read: Read): number | null {
  const limits = (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers !== "" && !controllers.split(",").includes("cpu")) return [];
    const root = controllers === "" ? "/sys/fs/cgroup" : join("/sys/fs/cgroup", controllers);
    return foldersUpTo(root, path).flatMap((folder) => quota(read, folder));
  });
  return limits.length > 0 ? Math.min(...limits) : null;
}

/** The folder, then each folder above it up to the root. In a container only the root may exist. */
function foldersUpTo(root: string, path: string): string[] {
  const folders = [join(root, path)];
  for (let above = path; above !== "/" && above !== "."; ) {
    above = dirname(above);
    folders.push(join(root, above));
  }
  return folders;
}

function quota(read: Read, folder: string): number[] {
  const text =
    read(join(folder, "cpu.max")) ??
    `${read(join(folder, "cpu.cfs_quota_us"))} ${read(join(folder, "cpu.cfs_period_us"))}`;
  const [allowed, period] = text.trim().split(/\s+/).map(Number);
  return allowed && period && allowed > 0 && period > 0 ? [allowed / period] : [];
}

const GPU_VENDORS: Record<string, string> = { "0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel" };

/**
 * The GPUs, by name if a driver gives one, otherwise by the ids that the bus gives. Other vendors' chips only drive
 * displays and are omitted.
 */
function gpuNames(): string[] {
  if (process.platform === "darwin" && process.arch === "arm64") return [cpus()[0]?.model ?? "Apple"];
  const named = list("/proc/driver/nvidia/gpus").flatMap((gpu) => {
    const text = readSystemFile(`/proc/driver/nvidia/gpus/${gpu}/information`);
    return /^Model:\s*(.+)$/m.exec(text ?? "")?.[1] ?? [];
  });
  const cards = list("/sys/class/drm").filter((name) => /^card\d+$/.test(name));
  const numbered = cards.flatMap((card) => {
    const id = (what: string) => readSystemFile(`/sys/class/drm/${card}/device/${what}`)?.trim() ?? "";
    const vendor = GPU_VENDORS[id("vendor")];
    return vendor && !(vendor === "NVIDIA" && named.length > 0) ? [`${vendor} device ${id("device")}`] : [];
  });
  return [...named, ...numbered];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
