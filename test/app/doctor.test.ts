/** "doctor" without a machine: what is judged of given facts, and how the system's files and complaints are read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { judge } from "../../src/reports/doctor/diagnose.ts";
import type { DoctorFacts } from "../../src/reports/doctor/report.ts";
import { doctorLines } from "../../src/reports/doctor/text.ts";
import { coresLimit, vectorExtensions } from "../../src/system/machine.ts";
import { NODE_NEEDED } from "../../src/system/version.ts";
import { tryWebAssembly } from "../../src/system/webassembly.ts";
import { shortReason, withoutPlaces } from "../../src/workflows/device/health_check.ts";
import { WELL } from "./doctor_facts.ts";

test("a machine that lacks nothing is told so", () => {
  assert.deepEqual(judge(WELL, NODE_NEEDED), []);
  const lines = doctorLines({ ...WELL, works: true, findings: [] });
  assert.equal(lines.at(-1), "All that is needed works.");
  for (const line of [
    "memory            32.0 GB, 20.0 GB free",
    "engine fused      2,000 patches/s in training, 8 threads",
  ])
    assert.ok(lines.includes(line), lines.join("\n"));
});

const provider = (name: string, reason: string | null) => ({ name, starts: reason === null, reason });
const NO_GPU = [provider("cpu", null), provider("webgpu", "no adapter")];
const failing = (reason: string) => [{ name: "fused" as const, threads: 8, patches_per_second: null, reason }];

/** What a machine lacks, and the level and a part of the one finding that must tell it. */
const CASES: readonly (readonly [Partial<DoctorFacts>, string, RegExp])[] = [
  [{ versions: { ...WELL.versions, node: "22.17.1" } }, "problem", /Node 22.17.1 is older than 22\.18.*nodejs\.org/],
  [{ versions: { ...WELL.versions, node: "20.19.0" } }, "problem", /Node 20.19.0/],
  [{ providers: [provider("cpu", "broken"), provider("webgpu", null)] }, "problem", /on the CPU: broken.*npm ci/],
  [{ webassembly: { simd: false, relaxed_simd: false } }, "problem", /SIMD does not work.*--engine graph/],
  [
    { webassembly: { simd: false, relaxed_simd: false }, engines: failing("Wasm SIMD unsupported") },
    "problem",
    /SIMD does not work/,
  ],
  [{ engines: failing("The CPU kernels are not built: x") }, "problem", /fused engine.*not built.*npm run build/],
  [{ engines: failing("out of memory") }, "problem", /fused engine does not train: out of memory.*npm ci/],
  [{ cpu: { ...WELL.cpu, cores_available: 3 } }, "remark", /3 of the machine's 8 cores/],
  [{ cpu: { ...WELL.cpu, cores_limit: 1.5 } }, "warning", /1\.5 of the 8 cores.*--threads 1/],
  [{ cpu: { ...WELL.cpu, cores_limit: 0.5 } }, "warning", /--threads 1/],
  [{ cpu: { ...WELL.cpu, vector_extensions: [] } }, "remark", /no AVX2/],
  [{ memory: { ...WELL.memory, limit_bytes: 1e9 } }, "warning", /only 1\.0 GB of memory.*--batch-size/],
  [{ memory: { ...WELL.memory, free_bytes: 3e8 } }, "warning", /Only 0\.3 GB of memory are free/],
  [{ disk: { ...WELL.disk, working_folder_free_bytes: 5e7 } }, "problem", /working folder has only 0\.1 GB/],
  [{ disk: { ...WELL.disk, working_folder_free_bytes: 1e9 } }, "warning", /only 1\.0 GB free, too little for a large/],
  [
    { disk: { ...WELL.disk, working_folder_free_bytes: null } },
    "warning",
    /free space of the working folder is unknown/,
  ],
  [{ disk: { ...WELL.disk, temp_folder_free_bytes: 0 } }, "remark", /temporary files has only 0\.0 GB.*TMPDIR/],
  [{ disk: { ...WELL.disk, temp_folder_free_bytes: null } }, "remark", /temporary files cannot be used/],
  [{ providers: NO_GPU, gpus: [] }, "remark", /No GPU is found/],
  [{ providers: NO_GPU }, "warning", /There is a GPU \(B\).*webgpu: no adapter.*driver/],
];

for (const [lacks, level, sentence] of CASES) {
  test(`one finding, a ${level}: ${JSON.stringify(lacks)}`, () => {
    const findings = judge({ ...WELL, ...lacks }, NODE_NEEDED);
    assert.equal(findings.length, 1, JSON.stringify(findings));
    const { what, remedy } = findings[0]!;
    assert.equal(findings[0]!.level, level);
    assert.match(`${what} ${remedy}`, sentence);
    for (const part of [what, remedy]) assert.match(part, /^[A-Z].*[^.]\.$/);
  });
}

test("the worst finding comes first, and tells that something needed does not work", () => {
  const facts = { ...WELL, providers: NO_GPU, gpus: [], versions: { ...WELL.versions, node: "18.0.0" } };
  const findings = judge(facts, NODE_NEEDED);
  assert.deepEqual(
    findings.map(({ level }) => level),
    ["problem", "remark"],
  );
  assert.match(doctorLines({ ...facts, works: false, findings }).at(-1)!, /needed does not work/);
});

test("the limit of a control group: version 2, with the lowest of the groups above", () => {
  const files: Record<string, string> = {
    "/proc/self/cgroup": "0::/user/job\n",
    "/sys/fs/cgroup/user/job/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/user/cpu.max": "350000 100000\n",
  };
  assert.equal(
    coresLimit((path) => files[path]),
    3.5,
  );
});

test("the limit of a control group: version 1, seen from within a container", () => {
  const files: Record<string, string> = {
    "/proc/self/cgroup": "3:memory:/docker/12ab\n2:cpu,cpuacct:/docker/12ab\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
  };
  assert.equal(
    coresLimit((path) => files[path]),
    2,
  );
  files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"] = "-1\n";
  assert.equal(
    coresLimit((path) => files[path]),
    null,
  );
  assert.equal(
    coresLimit(() => undefined),
    null,
  );
});

test("vector extensions by Linux's names", () => {
  assert.deepEqual(vectorExtensions("x64", "model name\t: A\nflags\t\t: fpu sse4_1 avx2 avx512f\n"), [
    "AVX2",
    "AVX-512",
  ]);
  assert.deepEqual(vectorExtensions("x64", "flags\t\t: fpu avx\n"), []);
  assert.deepEqual(vectorExtensions("arm64", "Features\t: fp asimd\n"), ["NEON"]);
  assert.deepEqual(vectorExtensions("arm64", undefined), ["NEON"]);
  assert.equal(vectorExtensions("x64", undefined), null);
});

test("WebAssembly is tried: SIMD works wherever these tests run", () => {
  assert.equal(tryWebAssembly().simd, true);
});

test("ONNX Runtime's complaint is cut to its reason", () => {
  const complaint =
    "/onnxruntime_src/onnxruntime/core/webgpu_context.cc:136 Initialize(const Config&)::<lambda()> " +
    "adapter.status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n";
  assert.equal(shortReason(complaint), "Failed to get a WebGPU adapter: No supported adapters");
  assert.equal(shortReason("first\nsecond"), "first");
  assert.equal(shortReason("long ".repeat(100)).length, 160);
});

test("no place of this machine is left in a reason", () => {
  const kernels = fileURLToPath(new URL("../../dist/engine/fused/kernels.wasm", import.meta.url));
  assert.equal(withoutPlaces(`not built: ${kernels} is missing`), "not built: kernels.wasm is missing");
  assert.equal(withoutPlaces("cannot open /home/jo/a/lib.so: no such file"), "cannot open lib.so: no such file");
  assert.equal(withoutPlaces("cannot open C:\\Users\\jo\\lib.dll, it says"), "cannot open lib.dll, it says");
  assert.equal(withoutPlaces("see file:///home/jo/a.ts"), "see a.ts");
  assert.equal(withoutPlaces("8 patches/s and and/or"), "8 patches/s and and/or");
});
