/** The example for Slurm on a real cluster of one node: shards, a damaged slide, a requeued task, and the summary. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { before, describe, test } from "node:test";
import { useFolder } from "../support/folder.ts";
import { NO_SLURM, type Slurm, startSlurm } from "../support/slurm.ts";
import { until } from "../units/chaos_fixture.ts";
import { assertSameAsOne, damagedShard, makePlaces, type Places, type Ran, run } from "./fixture.ts";

const SUBMIT = resolve("examples/slurm/submit.sh");
const SHARDS = 3;
const at = useFolder("slurm");

describe("the example for Slurm", { skip: NO_SLURM }, () => {
  let places: Places;
  before(async () => {
    places = await makePlaces(at);
  });

  const submit = (slurm: Slurm, results: string): Promise<Ran> => {
    const env = { ...process.env, ...slurm.environment, PATH: `${places.path}:${slurm.environment.PATH}` };
    mkdirSync(at("logs"), { recursive: true });
    return run([SUBMIT, "idc", places.slides, results, String(SHARDS)], { env, cwd: at("logs") });
  };

  test("gives the results of one process, and its summary comes although a slide is damaged", async (t) => {
    const slurm = await startSlurm(t, at("cluster"));
    const results = at("slurm", "slides");
    const { shards, gather } = jobsOf(await submit(slurm, results));
    await until(async () => (await slurm.states(`${shards}_1`))[0] !== "PENDING");
    await slurm.run("scontrol", "requeue", `${shards}_1`);
    await until(() => hasEnded(slurm, gather));

    const expected = Array(SHARDS)
      .fill("COMPLETED")
      .with(damagedShard(SHARDS) - 1, "FAILED");
    assert.deepEqual(await slurm.states(shards), expected);
    assert.match(await slurm.run("scontrol", "show", "job", `${shards}_1`), /Restarts=1/);
    await assertSameAsOne(results, places);
    assert.match(readFileSync(at("logs", `cancernet-${gather}-gather.log`), "utf8"), /1 of 14 slides failed/);

    // The same command skips what is done, and gives the same again.
    rmSync(at("slurm", "slides", "slides.csv"));
    const again = jobsOf(await submit(slurm, results));
    await until(() => hasEnded(slurm, again.gather));
    await assertSameAsOne(results, places);
    const log = readFileSync(at("logs", `cancernet-${again.shards}-2.log`), "utf8");
    assert.equal(log.match(/, scored before$/gm)?.length, 5, log);
  });
});

function jobsOf({ code, printed }: Ran): { shards: string; gather: string } {
  assert.equal(code, 0, printed);
  const [, shards, gather] = /^Shards: job (\d+), 3 tasks\. Summary: job (\d+)\.$/m.exec(printed) ?? [];
  assert.ok(shards && gather, printed);
  return { shards, gather };
}

const hasEnded = async (slurm: Slurm, job: string): Promise<boolean> =>
  !["PENDING", "RUNNING", "COMPLETING"].includes((await slurm.states(job))[0]!);
