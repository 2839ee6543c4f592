/**
 * The example for Nextflow: the script of each process in a shell, with Nextflow's values; and the whole pipeline, if
 * Nextflow is installed.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { useFolder } from "../support/folder.ts";
import { assertSameAsOne, damagedShard, makePlaces, type Places, run } from "./fixture.ts";

const PIPELINE = resolve("examples/nextflow/main.nf");
const NO_NEXTFLOW = spawnSync("nextflow", ["-version"]).status === 0 ? false : "needs nextflow";
const SHARDS = 2;

const at = useFolder("nextflow");
let places: Places;
before(async () => {
  places = await makePlaces(at);
});

/** The script of a process, with its values. @throws Error if a value has none */
function scriptOf(process: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(PIPELINE, "utf8");
  const script = new RegExp(`^process ${process} \\{[^]*?"""\\n([^]*?)"""`, "m").exec(text)![1]!;
  return script.replaceAll(/\$\{([\w.]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${process}: ${name} has no value`);
    return value;
  });
}

test("the scripts give the results of one process", async () => {
  const { slides, path } = places;
  const results = at("scripts", "slides");
  const values = { "params.model": "idc", "params.shards": String(SHARDS), "task.cpus": "4", slides, results };
  const inShell = (script: string) => run(["bash", "-ue", "-c", script], { env: { PATH: path }, cwd: at() });
  for (let shard = 1; shard <= SHARDS; shard++) {
    const { code, printed } = await inShell(scriptOf("SHARD", { ...values, shard: String(shard) }));
    // Code 2 is what the pipeline does not repeat.
    assert.equal(code, shard === damagedShard(SHARDS) ? 2 : 0, printed);
  }
  const { code, printed } = await inShell(scriptOf("GATHER", values));
  assert.equal(code, 2, printed);
  assert.match(printed, /1 of 14 slides failed/);
  await assertSameAsOne(results, places);
});

test("the pipeline gives the results of one process", { skip: NO_NEXTFLOW }, async () => {
  const results = at("pipeline", "slides");
  const flags = ["--slides", places.slides, "--results", results, "--shards", String(SHARDS)];
  const env = { ...process.env, PATH: places.path, NXF_OFFLINE: "true" };
  const { code, printed } = await run(["nextflow", "run", PIPELINE, ...flags], { env, cwd: at() });
  assert.equal(code, 1, printed); // Because of the damaged slide.
  assert.match(printed, /1 of 14 slides failed/);
  await assertSameAsOne(results, places);
});
