/** The journal of corrections in real processes: killed at random moments, on a full disk, and two at a time. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { openJournal } from "../../../src/artifacts/corrections/journal.ts";
import { readJournal } from "../../../src/artifacts/corrections/read.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";
import { DATASET, set, uuid } from "./support.ts";

const at = useFolder("journal processes");
const APPENDER = resolve("test/artifacts/corrections/appender.ts");
const KILLS = 20;

const start = (path: string, first: number, patches: number): ChildProcess =>
  spawn(process.execPath, [APPENDER, path, String(first), String(patches)], { stdio: ["ignore", "pipe", "inherit"] });

/** The ids that the process acknowledged until it was killed, `milliseconds` after the first one. */
async function killedAfter(child: ChildProcess, milliseconds: number): Promise<string[]> {
  const saved: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (saved.length === 0) setTimeout(() => child.kill("SIGKILL"), milliseconds);
    // The line that was being printed may be cut off; its entry may or may not be in the journal.
    if (line.endsWith("}")) saved.push(JSON.parse(line).saved);
  }
  return saved;
}

test(`${KILLS} times SIGKILL at a random moment of appending: every acknowledged entry is there`, async () => {
  const path = at("killed.jsonl");
  const random = new RandomStream(1, "kills");
  const saved: string[] = [];
  let torn = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    saved.push(...(await killedAfter(start(path, kill * 100_000, 500), 60 * random.uniform())));
    const { entries, bytes, completeBytes } = await readJournal(path);
    if (bytes > completeBytes) torn++;
    const found = new Set(entries.map(({ id }) => id));
    assert.deepEqual(
      saved.filter((id) => !found.has(id)),
      [],
      `kill ${kill}`,
    );
    // At most the entry that was being written when the process was killed is there without an acknowledgement.
    assert.ok(found.size <= saved.length + kill + 1, `${found.size} entries, ${saved.length} acknowledged`);
  }
  assert.ok(saved.length > KILLS, `${saved.length} acknowledged, ${torn} incomplete lines`);
  const journal = await openJournal(path, DATASET);
  await journal.append(set(9_999_999, ["a"], "negative"));
  await journal.close();
});

/** Appends until the disk is full; then everything acknowledged is in the journal, and nothing else. */
async function fill(path: string, ended: { stdout: string; stderr: string; status: number | null }): Promise<void> {
  assert.deepEqual([ended.status, ended.stderr], [0, ""]);
  const lines = ended.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const refusal = lines.find((line) => "refused" in line);
  assert.equal(refusal.refused, "disk-full", refusal.message);
  assert.match(refusal.message, /correction was not saved/);
  const saved = lines.flatMap((line) => ("saved" in line ? [line.saved] : []));
  assert.ok(saved.length > 3 && saved.at(-1) === uuid(1_000_000), `${saved.length} saved`);
  const { entries, bytes, completeBytes } = await readJournal(path);
  assert.deepEqual(
    entries.map(({ id }) => id),
    saved,
  );
  assert.equal(bytes, completeBytes, "nothing is left of the failed write");
}

test("a file that reaches its size limit: the append is refused, and the next smaller one is saved", async () => {
  const path = at("limited.jsonl");
  // The limit ends a process by SIGXFSZ, unless it is ignored.
  const script = `trap "" XFSZ; ulimit -f 64; exec "$0" "$@"`;
  const args = ["-c", script, process.execPath, APPENDER, path, "0", "500"];
  await fill(path, spawnSync("bash", args, { encoding: "utf8" }));
  assert.ok(statSync(path).size <= 64 * 1024);
});

test("a disk that is full: the append is refused, and the next smaller one is saved", async (t: TestContext) => {
  const disk = at("disk");
  mkdirSync(disk);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", disk]).status !== 0) {
    t.skip("a disk cannot be mounted here");
    return;
  }
  t.after(() => spawnSync("umount", [disk]));
  const path = at("disk", "full.jsonl");
  await fill(path, spawnSync(process.execPath, [APPENDER, path, "0", "500"], { encoding: "utf8" }));
});

test("a second process is refused while the first has the journal open, and reading needs no lock", async () => {
  const path = at("two.jsonl");
  const journal = await openJournal(path, DATASET);
  await journal.append(set(1, ["a"], "positive"));
  const before = readFileSync(path, "utf8");
  const { stdout } = spawnSync(process.execPath, [APPENDER, path, "5", "1"], { encoding: "utf8" });
  assert.equal(JSON.parse(stdout).refused, "folder-busy", stdout);
  await assert.rejects(openJournal(path, DATASET), refused("folder-busy", at()));
  assert.equal(readFileSync(path, "utf8"), before);
  assert.equal((await readJournal(path)).entries.length, 1);
  await journal.close();
  await (await openJournal(path, DATASET)).close();
});
