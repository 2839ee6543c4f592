/** "doctor" through the real program: the schema of its JSON, its exit codes, and that it tells nothing private. */
import assert from "node:assert/strict";
import { homedir, hostname, tmpdir, userInfo } from "node:os";
import { resolve } from "node:path";
import { test } from "node:test";
import { ENGINE_NAMES } from "../../src/engine/engine_names.ts";
import { program } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { reportSchema } from "./doctor_facts.ts";

const at = useFolder("doctor");

const doctor = (flags: readonly string[], ...args: string[]) => program(["doctor", ...args], { flags, cwd: at() });

test("where all works: 0, the CPU's provider starts, every engine trains, nothing private is told", () => {
  const { status, stdout, stderr } = doctor([], "--json");
  assert.equal(status, 0, stdout + stderr);
  const report = reportSchema.parse(JSON.parse(stdout));
  assert.equal(report.works, true);
  assert.equal(report.versions.node, process.versions.node);
  assert.equal(report.providers.find(({ name }) => name === "cpu")?.starts, true);
  assert.deepEqual(
    report.engines.map(({ name }) => name),
    ENGINE_NAMES,
  );
  for (const { name, patches_per_second: speed } of report.engines) assert.ok(speed, `${name} trains`);
  for (const path of [homedir(), resolve("."), at(), tmpdir()]) assert.equal(stdout.includes(path), false, path);
  const words = new Set(stdout.split(/[^\w.-]+/));
  for (const word of [userInfo().username, hostname()]) assert.equal(words.has(word), false, word);
});

// The flag takes from V8 what SIMD needs on this architecture.
const skip = process.arch !== "x64" && "only x64 can be kept from SIMD";

test("where WebAssembly lacks SIMD: 1, and the sentence that tells it", { skip }, () => {
  const { status, stdout } = doctor(["--no-enable-sse4-1"]);
  assert.equal(status, 1);
  assert.match(stdout, /\nWebAssembly SIMD +missing\n/);
  assert.match(stdout, /\nengine fused +no: /);
  assert.match(stdout, /\nproblem: WebAssembly SIMD does not work here.*--engine graph/);
  assert.match(stdout, /\nSomething that is needed does not work: see the problems above\.\n$/);
});
