/**
 * Kills the studio's server, a training, or both at random moments, and resumes from the page's requests: the run must
 * end with the bytes of an uninterrupted one, and a page that reconnects must see every event once. CANCERNET_KILLS
 * sets how many kills.
 */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Items } from "../../../src/app/api/items.ts";
import type { JobFacts } from "../../../src/app/api/jobs.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { drawDataset } from "../../support/cohort.ts";
import { useFolder } from "../../support/folder.ts";
import { clientOf, type RunningStudio, type StudioClient, startStudio } from "../../support/studio.ts";
import { assertSameRun, trainProcess } from "../../workflows/resume_fixture.ts";

const KILLS = Number(process.env.CANCERNET_KILLS ?? 4);
const SEED = 11;
const SETTINGS = { model: "compact", epochs: 3, batchSize: 12, views: 1, checkpointEvery: "2" };
const at = useFolder("studio kills");

test("a training whose server and process are killed ends with the bytes of an uninterrupted one", async (t) => {
  await drawDataset(at, { cases: 8, patchesPerCase: 40 });
  cpSync(at("dataset"), at("work/dataset"), { recursive: true });
  const flags = "--model compact --epochs 3 --batch-size 12 --views 1 --checkpoint-every 2".split(" ");
  const whole = await trainProcess([at("work/dataset"), ...flags, "--out", at("work/whole")]);
  assert.equal(whole.code, 0, whole.stderr);

  const random = new RandomStream(SEED, "studio kills");
  const seen = new Map<string, string[]>();
  const what: string[] = [];
  let studio = await startStudio(at("work"));
  let client = await clientOf(studio);
  const dataset = (await client.get<Items>("/items")).items.find(({ kind }) => kind === "dataset")!.id;
  for (let training = 0, kills = 0; kills < KILLS; training++) {
    const out = `killed ${training}`;
    const most = Math.min(KILLS, kills + 1 + random.integer(6));
    let job = await client.post<JobFacts>("/jobs", { verb: "train", options: { dataset, out, ...SETTINGS } });
    while (kills < most) {
      await listenFor(client, studio, job.id, seen, random.integer(1500));
      const victim = (["server", "training", "both"] as const)[random.integer(3)]!;
      if (victim !== "server") killTraining(at("work"), job.id);
      if (victim !== "training") {
        await killServer(studio);
        studio = await startStudio(at("work"));
        client = await clientOf(studio);
      }
      kills++;
      what.push(victim);
      job = await client.get<JobFacts>(`/jobs/${job.id}`);
      while (job.state === "running" && victim !== "server") {
        await sleep(100);
        job = await client.get<JobFacts>(`/jobs/${job.id}`);
      }
      if (job.state === "done") break;
      if (job.canResume) job = await client.post<JobFacts>(`/jobs/${job.id}/resume`);
    }
    while (["running", "waiting", "killed", "stopped"].includes(job.state)) {
      await listenFor(client, studio, job.id, seen, 300);
      job = await client.get<JobFacts>(`/jobs/${job.id}`);
      if (job.canResume) job = await client.post<JobFacts>(`/jobs/${job.id}/resume`);
    }
    assert.equal(job.state, "done", `${what.join(", ")}: ${job.message}`);
    assertSameRun(at("work", out), at("work/whole"), what.join(", "));
  }
  assert.ok(seen.size > 0);
  for (const [id, lines] of seen) {
    const written = readFileSync(at("work/.cancernet-studio/jobs", id, "events.jsonl"), "utf8").split("\n");
    assert.deepEqual(lines, written.slice(0, lines.length), `the events of ${id}`);
  }
  t.diagnostic(`${what.length} kills: ${what.join(", ")}`);
  assert.equal(await studio.stop(), 130);
});

/** Reads the stream for a while, from where it was left. The connection then breaks. */
async function listenFor(
  { headers }: StudioClient,
  { origin }: RunningStudio,
  job: string,
  seen: Map<string, string[]>,
  milliseconds: number,
): Promise<void> {
  const lines = seen.get(job) ?? [];
  seen.set(job, lines);
  const position = Buffer.byteLength(lines.map((line) => `${line}\n`).join(""));
  const signal = AbortSignal.timeout(milliseconds + 1);
  try {
    const answer = await fetch(`${origin}/api/stream`, {
      headers: { ...headers, "last-event-id": `${job}:${position}` },
      signal,
    });
    let text = "";
    for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      const ends = text.lastIndexOf("\n\n");
      for (const event of text.slice(0, Math.max(ends, 0)).split("\n\n")) {
        if (!/^event: line$/m.test(event)) continue;
        const { line } = JSON.parse(/^data: (.*)$/m.exec(event)![1]!) as { line: unknown };
        lines.push(JSON.stringify(line));
      }
      text = text.slice(ends + 2);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function killTraining(folder: string, job: string): void {
  try {
    process.kill(
      Number(readFileSync(`${folder}/.cancernet-studio/jobs/${job}/process.txt`, "utf8")) || Number.NaN,
      "SIGKILL",
    );
  } catch {
    // It has not started, or has ended.
  }
}

async function killServer({ process: server }: RunningStudio): Promise<void> {
  server.kill("SIGKILL");
  while (server.exitCode === null && server.signalCode === null) await sleep(10);
}
