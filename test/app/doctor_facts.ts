/** What the tests of "doctor" share: the schema of its JSON, and the facts of a machine that lacks nothing. */
import { z } from "zod";
import { ENGINE_NAMES } from "../../src/engine/engine_names.ts";
import { type DoctorFacts, LEVELS } from "../../src/reports/doctor/report.ts";

const version = z.string().regex(/^\d+\.\d+\.\d+/);
const text = z.string().min(1);
const bytes = z.int().positive();

/** All of what "doctor --json" prints, and nothing else. */
export const reportSchema = z.strictObject({
  versions: z.strictObject({ cancernet: version, node: version, onnxruntime: version }),
  os: text,
  architecture: text,
  libc: text.nullable(),
  cpu: z
    .strictObject({
      model: text,
      cores: bytes,
      cores_available: bytes,
      cores_limit: z.number().positive().nullable(),
      vector_extensions: z.array(z.enum(["AVX2", "AVX-512", "NEON"])).nullable(),
    })
    .refine(({ cores, cores_available: available }) => available <= cores),
  memory: z
    .strictObject({ total_bytes: bytes, free_bytes: bytes, limit_bytes: bytes.nullable() })
    .refine(({ total_bytes: total, free_bytes: free }) => free <= total && total > 2 ** 28),
  gpus: z.array(text),
  webassembly: z.strictObject({ simd: z.boolean(), relaxed_simd: z.boolean() }),
  providers: z
    .array(z.strictObject({ name: text, starts: z.boolean(), reason: text.nullable() }))
    .refine((all) => all.every(({ starts, reason }) => starts === (reason === null))),
  engines: z.array(
    z.strictObject({
      name: z.enum(ENGINE_NAMES),
      threads: z.int().min(1).max(32),
      patches_per_second: z.int().min(1).max(1e6).nullable(),
      reason: text.nullable(),
    }),
  ),
  disk: z.strictObject({ working_folder_free_bytes: bytes.nullable(), temp_folder_free_bytes: bytes.nullable() }),
  works: z.boolean(),
  findings: z.array(z.strictObject({ level: z.enum(LEVELS), what: text, remedy: text })),
});

/** A machine that lacks nothing. */
export const WELL: DoctorFacts = {
  versions: { cancernet: "1.2.3", node: "24.1.0", onnxruntime: "1.30.0" },
  os: "Linux 6.1.0",
  architecture: "x64",
  libc: "glibc 2.36",
  cpu: { model: "A", cores: 8, cores_available: 8, cores_limit: null, vector_extensions: ["AVX2"] },
  memory: { total_bytes: 32e9, free_bytes: 20e9, limit_bytes: null },
  gpus: ["B"],
  webassembly: { simd: true, relaxed_simd: true },
  providers: ["cpu", "webgpu"].map((name) => ({ name, starts: true, reason: null })),
  engines: ENGINE_NAMES.map((name) => ({ name, threads: 8, patches_per_second: 2000, reason: null })),
  disk: { working_folder_free_bytes: 80e9, temp_folder_free_bytes: 80e9 },
};
