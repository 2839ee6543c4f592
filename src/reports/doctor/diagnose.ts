/**
 * Assesses the facts of a machine: what is wrong, and how to fix it. Pure functions: the same facts give the same
 * findings.
 */
import { counted, whole } from "../../util/numbers.ts";
import { type DoctorFacts, type Finding, LEVELS } from "./report.ts";

const GB = 1e9;
/** Larger than the demo's folder. */
const LEAST_DISK_BYTES = 0.1 * GB;
/** Larger than the whole Kaggle set as a dataset, which is 277,524 records of 7,500 bytes. */
const AMPLE_DISK_BYTES = 3 * GB;
/** Training at the default batch size needs less than 1 GB. */
const AMPLE_MEMORY_BYTES = 2 * GB;
const AMPLE_FREE_MEMORY_BYTES = 1 * GB;

/**
 * Returns the findings, the most serious first.
 * @param nodeNeeded the oldest supported version of Node, for example "22.18"
 */
export function judge(facts: DoctorFacts, nodeNeeded: string): Finding[] {
  const found = [nodeVersion(facts, nodeNeeded), ...RULES.map((rule) => rule(facts))].flat();
  return LEVELS.flatMap((level) => found.filter((finding) => finding.level === level));
}

const RULES: readonly ((facts: DoctorFacts) => Finding[])[] = [cpuProvider, vectors, engines, cores, memory, disk, gpu];

function nodeVersion({ versions }: DoctorFacts, needed: string): Finding[] {
  const [has, needs] = [versions.node, needed].map((version) => version.split(".").map(Number));
  const difference = has![0]! - needs![0]! || (has![1] ?? 0) - (needs![1] ?? 0);
  if (difference >= 0) return [];
  return problem(`Node ${versions.node} is older than ${needed}`, "install a newer one from nodejs.org");
}

function cpuProvider({ providers }: DoctorFacts): Finding[] {
  const cpu = providers.find(({ name }) => name === "cpu");
  if (cpu?.starts) return [];
  return problem(`ONNX Runtime does not run on the CPU: ${cpu?.reason ?? "it has no CPU provider"}`, REINSTALL);
}

function vectors({ webassembly, cpu, architecture }: DoctorFacts): Finding[] {
  if (!webassembly.simd) {
    return problem(
      "WebAssembly SIMD does not work here, which the fused engine needs",
      'train with "--engine graph"; SIMD needs a processor with SSE4.1 or NEON, and no flag of Node that turns it off',
    );
  }
  if (architecture !== "x64" || cpu.vector_extensions === null || cpu.vector_extensions.includes("AVX2")) return [];
  return remark("The processor has no AVX2, so everything is slow", "use a newer processor for long trainings");
}

function engines({ engines, webassembly }: DoctorFacts): Finding[] {
  return engines.flatMap(({ name, reason }) => {
    if (reason === null || (name === "fused" && !webassembly.simd)) return [];
    const built = !/not built/.test(reason);
    return problem(
      `The ${name} engine does not train: ${reason.replace(/\.$/, "")}`,
      built ? REINSTALL : 'run "npm run build"',
    );
  });
}

function cores({ cpu }: DoctorFacts): Finding[] {
  const { cores, cores_available: available, cores_limit: limit } = cpu;
  if (limit !== null && limit < available) {
    return warning(
      `A control group allows ${whole(limit)} of the ${counted(available, "core")} that Node counts`,
      `give "--threads ${Math.max(1, Math.floor(limit))}", or raise the limit`,
    );
  }
  if (available >= cores) return [];
  return remark(
    `This process may use ${available} of the machine's ${counted(cores, "core")}`,
    "raise the container's or the scheduler's limit if more are yours",
  );
}

function memory({ memory: { total_bytes, limit_bytes, free_bytes } }: DoctorFacts): Finding[] {
  const allowed = limit_bytes ?? total_bytes;
  const remedy = "close other programs, raise the limit, or train with a smaller --batch-size";
  if (allowed < AMPLE_MEMORY_BYTES) return warning(`There are only ${gigabytes(allowed)} of memory to use`, remedy);
  if (free_bytes < AMPLE_FREE_MEMORY_BYTES) return warning(`Only ${gigabytes(free_bytes)} of memory are free`, remedy);
  return [];
}

function disk({ disk }: DoctorFacts): Finding[] {
  const found: Finding[] = [];
  const { working_folder_free_bytes: working, temp_folder_free_bytes: temp } = disk;
  if (working === null) found.push(...warning("The free space of the working folder is unknown", "choose another"));
  else if (working < LEAST_DISK_BYTES) {
    found.push(...problem(`The working folder has only ${gigabytes(working)} free`, "make room, or work elsewhere"));
  } else if (working < AMPLE_DISK_BYTES) {
    found.push(
      ...warning(
        `The working folder has only ${gigabytes(working)} free, too little for a large dataset`,
        "make room, or give --out on another disk",
      ),
    );
  }
  if (temp === null || temp < LEAST_DISK_BYTES) {
    const state = temp === null ? "cannot be used" : `has only ${gigabytes(temp)} free`;
    found.push(...remark(`The folder for temporary files ${state}`, "make room there, or set TMPDIR"));
  }
  return found;
}

function gpu({ providers, gpus }: DoctorFacts): Finding[] {
  const others = providers.filter(({ name }) => name !== "cpu");
  if (others.some(({ starts }) => starts)) return [];
  const reasons = others.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  if (gpus.length > 0) {
    return warning(
      `There is a GPU (${gpus.join(", ")}), but no provider starts on it (${reasons})`,
      "install its driver, with Vulkan for webgpu; until then the CPU does everything",
    );
  }
  return remark("No GPU is found, so the CPU does everything", "if there is one, install its driver");
}

const REINSTALL = 'install again with "npm ci", and report it if that does not help';

const finding =
  (level: Finding["level"]) =>
  (what: string, remedy: string): Finding[] => [
    { level, what: `${what}.`, remedy: `${remedy[0]!.toUpperCase()}${remedy.slice(1)}.` },
  ];
const problem = finding("problem");
const warning = finding("warning");
const remark = finding("remark");

/** "3.2 GB". */
export function gigabytes(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
