/** A disk of results that is full: the workers of a queue pause, no slide fails, and all go on when there is space. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { BOSS_SCHEMA, RESULTS } from "../../src/units/postgres/tables.ts";
import { useFolder } from "../support/folder.ts";
import { NO_POSTGRES, startPostgres } from "../support/postgres.ts";
import { startCancernet } from "../support/running.ts";
import { assertSameResults, damagedOf, referenceOf, slideArguments, until } from "./chaos_fixture.ts";
import { assertOneRowEach } from "./queue_facts.ts";

const COUNT = 16;
const [DISK_BYTES, FREE_BYTES] = [16 * 1024 * 1024, 256 * 1024];
const at = useFolder("full disk");

test("workers pause while the disk is full, and go on", { skip: NO_POSTGRES }, async (t) => {
  if (!mountDisk(t, at("many"))) return t.skip("this user may mount no file system");
  const reference = referenceOf(t, at(), COUNT);
  const { environment, query } = await startPostgres(t);
  const results = at("many/results");
  const submitted = startCancernet(t, [...slideArguments(reference.slides, results), "--queue", "postgres"], {
    environment,
  });
  const waiting = `select count(*) from ${BOSS_SCHEMA}.job where state = 'created'`;
  await until(async () => (await query(waiting).catch(() => [["0"]]))[0]![0] === String(COUNT));
  const { bavail, bsize } = statfsSync(at("many"));
  writeFileSync(at("many/filler"), Buffer.alloc(bavail * bsize - FREE_BYTES));
  const args = ["work", "--results", at("many"), "--root", reference.slides, "--threads", "1", "--until-empty"];
  const workers = [1, 2].map(() => startCancernet(t, args, { environment }));
  await until(() => workers.every(({ printed }) => /the disk is full.* This worker pauses for/.test(printed())));
  assert.deepEqual(await query(`select unit from ${RESULTS} where error like '%full%'`), []);
  rmSync(at("many/filler"));

  const failed = damagedOf(COUNT).length;
  assert.equal((await submitted.ended).code, failed > 0 ? 2 : 0, submitted.printed());
  for (const { ended, printed } of workers) assert.equal((await ended).code, 0, printed());
  await assertOneRowEach({ query }, COUNT);
  await assertSameResults(results, await reference.results);
});

/** Mounts a small disk at a new folder for the test. */
function mountDisk(t: TestContext, place: string): boolean {
  mkdirSync(place);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", place]);
  if (status !== 0) return false;
  t.after(() => spawnSync("umount", ["--lazy", place]));
  return true;
}
