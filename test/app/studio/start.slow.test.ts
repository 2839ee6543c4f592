/** How a studio starts and ends: its state on the disk, its jobs after each kind of end, and what it refuses. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Items } from "../../../src/app/api/items.ts";
import type { JobFacts } from "../../../src/app/api/jobs.ts";
import { drawDataset } from "../../support/cohort.ts";
import { MAIN, program } from "../../support/command.ts";
import { useFolder } from "../../support/folder.ts";
import { clientOf, type RunningStudio, startStudio as startOne } from "../../support/studio.ts";

const at = useFolder("studio start");
const skip = process.platform === "win32" && "Windows knows no signals and no modes";

before(async () => {
  await drawDataset(at, { cases: 6, patchesPerCase: 20 });
  fs.mkdirSync(at("work"));
  fs.cpSync(at("dataset"), at("work/dataset"), { recursive: true });
});

const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

async function startStudio(...words: Parameters<typeof startOne>): Promise<RunningStudio> {
  const studio = await startOne(...words);
  children.add(studio.process);
  return studio;
}

const modeOf = (path: string) => (fs.statSync(path).mode & 0o777).toString(8);

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode;
}

/** Starts a training that ends only if it is stopped. */
async function train(studio: RunningStudio, out: string): Promise<string> {
  const client = await clientOf(studio);
  const dataset = (await client.get<Items>("/items")).items.find(({ kind }) => kind === "dataset")!.id;
  const options = { dataset, out, model: "compact", epochs: 5000, views: 1, threads: 1 };
  const { id } = await client.post<JobFacts>("/jobs", { verb: "train", options });
  while ((await client.get<JobFacts>(`/jobs/${id}`)).progress === null) await sleep(50);
  return id;
}

const jobOf = async (studio: RunningStudio, id: string) => (await clientOf(studio)).get<JobFacts>(`/jobs/${id}`);
const processOf = (id: string) => Number(fs.readFileSync(at("work/.cancernet-studio/jobs", id, "process.txt"), "utf8"));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("the token is readable by the user only, and survives a restart at the same place", { skip }, async () => {
  const first = await startStudio(at("work"));
  assert.equal(modeOf(at("work/.cancernet-studio")), "700");
  assert.equal(modeOf(at("work/.cancernet-studio/server.json")), "600");
  const { headers } = await clientOf(first);
  assert.equal(await first.stop(), 130);
  fs.chmodSync(at("work/.cancernet-studio"), 0o755);
  const second = await startStudio(at("work"));
  assert.equal(second.address, first.address);
  assert.equal(modeOf(at("work/.cancernet-studio")), "700");
  assert.equal((await fetch(`${second.origin}/api/session`, { headers })).status, 200);
  assert.equal(await second.stop(), 130);
});

test("a copied folder has a new token, and its jobs are not run", { skip }, async () => {
  fs.cpSync(at("work"), at("copy"), { recursive: true });
  const own = at("copy/.cancernet-studio");
  fs.mkdirSync(`${own}/jobs/planted`, { recursive: true });
  const planted = { format: 1, verb: "demo", words: ["demo", "--out", at("evil")], out: null, after: null, created: 1 };
  fs.writeFileSync(`${own}/jobs/planted/job.json`, JSON.stringify(planted));
  const { token } = JSON.parse(fs.readFileSync(`${own}/server.json`, "utf8"));
  const studio = await startStudio(at("copy"));
  assert.notEqual(studio.token, token);
  assert.deepEqual(await (await clientOf(studio)).get("/jobs"), []);
  assert.equal(await studio.stop(), 130);
  assert.ok(!fs.existsSync(at("evil")));
  assert.ok(fs.readdirSync(own).some((name) => name.startsWith("jobs of another place")));
});

test("a damaged state does not keep the studio from starting", { skip }, async () => {
  fs.mkdirSync(at("damaged/.cancernet-studio/jobs/a/job.json"), { recursive: true });
  fs.mkdirSync(at("damaged/.cancernet-studio/jobs/b"));
  fs.writeFileSync(at("damaged/.cancernet-studio/jobs/b/job.json"), "{");
  fs.writeFileSync(at("damaged/.cancernet-studio/server.json"), "{");
  const studio = await startStudio(at("damaged"));
  const { token } = JSON.parse(fs.readFileSync(at("damaged/.cancernet-studio/server.json"), "utf8"));
  assert.equal(token, studio.token);
  assert.equal(await studio.stop(), 130);
});

describe("a running job", { skip }, () => {
  test("goes on after Ctrl-C, after the terminal has closed, and after SIGKILL; the next studio adopts it", async () => {
    let studio = await startStudio(at("work"));
    const id = await train(studio, "long");
    const pid = processOf(id);
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGHUP", 129],
      ["SIGTERM", 143],
      ["SIGKILL", "SIGKILL"],
    ] as const) {
      studio.process.kill(signal);
      assert.equal(await endOf(studio.process), code);
      if (signal !== "SIGKILL") assert.match(studio.printed(), /Still running: 1 job\. Start the studio again/);
      assert.ok(isAlive(pid), signal);
      studio = await startStudio(at("work"));
      assert.equal((await jobOf(studio, id)).state, "running", signal);
    }
    await (await clientOf(studio)).post(`/jobs/${id}/stop`);
    while ((await jobOf(studio, id)).state === "running") await sleep(50);
    assert.equal((await jobOf(studio, id)).state, "stopped");
    assert.equal(await studio.stop(), 130);
  });

  test("is stopped with --stop-jobs, and can be resumed", async () => {
    let studio = await startStudio(at("work"), "--stop-jobs");
    const id = await train(studio, "stopped");
    const pid = processOf(id);
    assert.equal(await studio.stop(), 130);
    assert.match(studio.printed(), /Stopped 1 job; the studio can resume\./);
    assert.ok(!isAlive(pid));
    studio = await startStudio(at("work"));
    const { state, canResume } = await jobOf(studio, id);
    assert.deepEqual([state, canResume], ["stopped", true]);
    assert.equal(await studio.stop(), 130);
  });

  test("that does not stop does not hold the studio after a second Ctrl-C", async () => {
    let studio = await startStudio(at("work"), "--stop-jobs");
    const id = await train(studio, "frozen");
    const pid = processOf(id);
    process.kill(pid, "SIGSTOP");
    studio.process.kill("SIGINT");
    await sleep(1000);
    assert.equal(studio.process.exitCode, null);
    studio.process.kill("SIGINT");
    assert.equal(await endOf(studio.process), 130);
    process.kill(pid, "SIGCONT");
    studio = await startStudio(at("work"));
    while ((await jobOf(studio, id)).state === "running") await sleep(50);
    assert.equal((await jobOf(studio, id)).state, "stopped");
    assert.equal(await studio.stop(), 130);
  });
});

describe("what is refused in one sentence, with exit code 2", () => {
  const refusedWith = (words: readonly string[], pattern: RegExp, options: Parameters<typeof program>[1] = {}) => {
    const { status, stdout, stderr } = program(["studio", "--no-open", ...words], { timeout: 30_000, ...options });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, pattern);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  };

  test("a second studio on the same folder", async () => {
    const studio = await startStudio(at("work"));
    refusedWith([at("work")], /Another studio serves .*work: use its page, or stop it first\./);
    assert.equal(await studio.stop(), 130);
  });

  test("a folder that is missing, a file, or an empty name", () => {
    refusedWith([at("missing")], /There is no folder .*missing/);
    fs.writeFileSync(at("file"), "");
    refusedWith([at("file")], /file is a file: name the folder of your data/);
    refusedWith([""], /<folder> must be a text, but is ""/);
  });

  test("a folder whose state is a link, or whose lock is another file", { skip }, () => {
    for (const name of ["linked", "linked jobs", "locked", "outside"]) fs.mkdirSync(at(name));
    fs.symlinkSync(at("outside"), at("linked/.cancernet-studio"));
    refusedWith([at("linked")], /\.cancernet-studio is a link: remove it/);
    fs.mkdirSync(at("linked jobs/.cancernet-studio"));
    fs.symlinkSync(at("outside"), at("linked jobs/.cancernet-studio/jobs"));
    refusedWith([at("linked jobs")], /jobs is a link: remove it/);
    fs.mkdirSync(at("locked/.cancernet-studio"));
    fs.writeFileSync(at("locked/.cancernet-studio/studio.lock"), "SQLite format 3\0");
    refusedWith([at("locked")], /studio\.lock: it is not an empty file; remove it/);
    assert.deepEqual(fs.readdirSync(at("outside")), []);
  });

  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    refusedWith([at("work"), "--port", String(port)], /Cannot listen on port \d+: another program uses it; choose/);
    other.close();
  });

  const isRoot = process.getuid?.() === 0;
  const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};
  const first = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  const isFree = !fs.existsSync(first) || Number(fs.readFileSync(first, "utf8")) <= 80;

  test("a folder that may not be read, or not be written", { skip }, () => {
    fs.chmodSync(at(), 0o755);
    for (const [name, mode] of [
      ["unreadable", 0o300],
      ["read-only", 0o555],
    ] as const) {
      fs.mkdirSync(at(name));
      if (isRoot) fs.chownSync(at(name), 65534, 65534);
      fs.chmodSync(at(name), mode);
      refusedWith([at(name)], new RegExp(`Cannot use .*${name}: permission denied; the studio reads it`), nobody);
      fs.chmodSync(at(name), 0o755);
    }
  });

  test("a port that needs rights", { skip: isFree && "every user may use port 80 here" }, () => {
    fs.mkdirSync(at("of nobody"));
    if (isRoot) fs.chownSync(at("of nobody"), 65534, 65534);
    refusedWith([at("of nobody"), "--port", "80"], /Cannot listen on port 80: the system does not permit it/, nobody);
  });
});

test("--demo starts a demo only if the folder has none", { skip }, async () => {
  fs.mkdirSync(at("own/demo"), { recursive: true });
  fs.writeFileSync(at("own/demo/mine.txt"), "mine");
  const studio = await startStudio(at("own"), "--demo");
  assert.deepEqual(await (await clientOf(studio)).get("/jobs"), []);
  assert.equal(await studio.stop(), 130);
  fs.mkdirSync(at("fresh"));
  const demo = await startStudio(at("fresh"), "--demo", "--stop-jobs");
  const client = await clientOf(demo);
  let jobs: readonly JobFacts[] = [];
  const isStarted = () => jobs.some(({ state }) => state !== "waiting");
  for (let tries = 0; !isStarted() && tries < 100; tries++, await sleep(50)) jobs = await client.get("/jobs");
  assert.deepEqual(
    jobs.map(({ command, state }) => [command, state]),
    [["cancernet demo", "running"]],
  );
  assert.equal(await demo.stop(), 130);
});

test("--events prints where it serves and how it ended; a folder that a person removes meanwhile is no crash", {
  skip,
}, async () => {
  fs.mkdirSync(at("events"));
  const child = spawn(process.execPath, [MAIN, "studio", at("events"), "--no-open", "--events"]);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  while (!text.includes("#token=")) await sleep(50);
  fs.rmSync(at("events/.cancernet-studio/jobs"), { recursive: true });
  await sleep(1500);
  child.kill("SIGINT");
  assert.equal(await endOf(child), 130);
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ event, code }) => code ?? event),
    ["started", "serving", "served", "stopped"],
  );
  assert.deepEqual([lines[2].running, lines[2].stopped], [0, false]);
});

describe("the browser", { skip: process.platform !== "linux" && "needs the opener of Linux" }, () => {
  /** Starts a studio that opens a browser, in an environment of its own. */
  async function opening(folder: string, env: Readonly<Record<string, string>>) {
    fs.mkdirSync(at(folder));
    const child = spawn(process.execPath, [MAIN, "studio", at(folder)], { env, stdio: ["ignore", "pipe", "pipe"] });
    const text = { value: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => (text.value += part));
    }
    while (!text.value.includes("#token=")) await sleep(50);
    const { origin, hash } = new URL(/http:\S+/.exec(text.value)![0]);
    return { child, text, origin, token: hash.slice("#token=".length) };
  }

  test("that is missing is one warning, and the studio goes on", async () => {
    const { child, text, origin, token } = await opening("no browser", { PATH: "/usr/bin:/bin", BROWSER: "/none" });
    for (let tries = 0; !text.value.includes("No browser opened") && tries < 200; tries++) await sleep(100);
    await sleep(500);
    assert.equal(text.value.match(/warning: No browser opened/g)?.length, 1, text.value);
    assert.ok(await (await clientOf({ origin, token })).get("/session"));
    child.kill("SIGINT");
    assert.equal(await endOf(child), 130);
  });

  test("gets an address that begins one session, as other users can see its command line", async () => {
    const shown = at("shown.txt");
    fs.writeFileSync(at("browser.sh"), `#!/bin/sh\nprintf %s "$1" > '${shown}.tmp' && mv '${shown}.tmp' '${shown}'\n`);
    fs.chmodSync(at("browser.sh"), 0o755);
    // The path of this test's folder holds a space, which BROWSER may not.
    const link = join(tmpdir(), `cancernet-browser-${process.pid}.sh`);
    fs.symlinkSync(at("browser.sh"), link);
    const env = { PATH: "/usr/bin:/bin", BROWSER: link };
    const { child, origin, token, text } = await opening("browser", env).finally(async () => {
      for (let tries = 0; !fs.existsSync(shown) && tries < 200; tries++) await sleep(50);
      fs.rmSync(link);
    });
    const address = new URL(fs.readFileSync(shown, "utf8"));
    const own = address.hash.slice("#token=".length);
    assert.equal(address.origin, origin);
    assert.notEqual(own, token);
    assert.ok(await (await clientOf({ origin, token: own })).get("/session"));
    await assert.rejects(clientOf({ origin, token: own }));
    assert.ok(await (await clientOf({ origin, token })).get("/session"));
    child.kill("SIGINT");
    assert.equal(await endOf(child), 130);
    assert.doesNotMatch(text.value, /warning/);
  });
});
