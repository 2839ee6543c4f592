/** An attempt is taken over only if its process has ended; in doubt it is left alone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm } from "node:fs/promises";
import { test } from "node:test";
import { lockAttempt, takeOver } from "../../src/units/attempt_lock.ts";
import { attemptsOf, newPart } from "../../src/units/parts.ts";
import { temporaryFolder } from "../support/folder.ts";

/** The attempts that `takeOver` offers. */
async function offered(earlier: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const took = await takeOver(earlier, async (place) => {
    found.push(place);
    return false;
  });
  assert.equal(took, false);
  return found;
}

test("an attempt is offered once its lock is free; without a lock's file it never is", async (t) => {
  const folder = await temporaryFolder(t);
  const [first, second] = [await newPart(folder, "a/b"), await newPart(folder, "a/b")];
  const lock = lockAttempt(first);
  assert.deepEqual(await offered([first, second]), []);
  lock.close();
  assert.deepEqual(await offered([first, second]), [first]);
  assert.deepEqual((await attemptsOf(folder, "a/b")).sort(), [first, second].sort());
});

test("only one process takes an attempt over, and the lock is held meanwhile", async (t) => {
  const folder = await temporaryFolder(t);
  const place = await newPart(folder, "a");
  lockAttempt(place).close();
  const took = await takeOver([place], async (found) => {
    assert.deepEqual(await offered([found]), []);
    await rm(found, { recursive: true });
    return true;
  });
  assert.ok(took);
});

test("an attempt of a running process is left alone, and offered when that was killed", async (t) => {
  const folder = await temporaryFolder(t);
  const place = await newPart(folder, "a");
  const script = `
    import { lockAttempt } from ${JSON.stringify(new URL("../../src/units/attempt_lock.ts", import.meta.url).href)};
    globalThis.kept = lockAttempt(${JSON.stringify(place)});
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  assert.deepEqual(await offered([place]), []);
  child.kill("SIGKILL");
  await once(child, "close");
  assert.deepEqual(await offered([place]), [place]);
});

test("what cannot be locked is left alone", async (t) => {
  const folder = await temporaryFolder(t);
  const place = await newPart(folder, "a");
  await mkdir(`${place}.lock`);
  assert.deepEqual(await offered([place]), []);
  assert.equal((await readdir(place)).length, 0);
});
