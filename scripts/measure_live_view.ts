/**
 * Measures how much a page that follows a training slows it down: the same training with and without a page,
 * alternately: `node scripts/measure_live_view.ts FOLDER [ROUNDS]`. FOLDER holds a dataset. Prints the seconds of each
 * and the ratio of the medians.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Items } from "../src/app/api/items.ts";
import type { JobFacts, JobLines } from "../src/app/api/jobs.ts";
import { startBrowser } from "../test/support/browser.ts";
import { clientOf, startStudio } from "../test/support/studio.ts";

const [folder, rounds = "5"] = process.argv.slice(2) as [string, string?];
const studio = await startStudio(folder);
const client = await clientOf(studio);
const { items } = await client.get<Items>("/items");
const dataset = items.find(({ kind }) => kind === "dataset")!.id;
const browser = await startBrowser();
const page = await browser.newPage();
await page.goto(studio.address);
await page.waitForSelector("main h1");
await page.goto("about:blank");

/** The seconds between the first and the last progress of the training, so that the start plays no part. */
async function train(isWatched: boolean): Promise<number> {
  const out = `live view ${Math.round(performance.now())}`;
  const options = { dataset, out, model: "compact", epochs: 3, views: 1 };
  const job = await client.post<JobFacts>("/jobs", { verb: "train", options });
  if (isWatched) await page.goto(`${studio.origin}/jobs/${job.id}`);
  while ((await client.get<JobFacts>(`/jobs/${job.id}`)).state === "running") await sleep(1000);
  if (isWatched) await page.goto("about:blank");
  const { lines } = await client.get<JobLines>(`/jobs/${job.id}/events`);
  const steps = lines.filter(({ event }) => event === "progress");
  rmSync(join(folder, out), { recursive: true, force: true });
  return steps.at(-1)!.seconds - steps[0]!.seconds;
}

const seconds = { alone: [] as number[], watched: [] as number[] };
await train(false);
for (let round = 0; round < Number(rounds); round++) {
  for (const isWatched of round % 2 === 0 ? [false, true] : [true, false]) {
    seconds[isWatched ? "watched" : "alone"].push(await train(isWatched));
  }
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
console.log(`alone    ${seconds.alone.map((value) => value.toFixed(2)).join(" ")} s`);
console.log(`watched  ${seconds.watched.map((value) => value.toFixed(2)).join(" ")} s`);
console.log(`ratio of the medians ${(median(seconds.watched) / median(seconds.alone)).toFixed(4)}`);
await browser.close();
await studio.stop();
