/**
 * Kills shards at random moments, repeats them, and lets two processes do the same shard: the results must be those of
 * one process, byte for byte, and each slide must be published once. CANCERNET_CHAOS=long makes it larger.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { RandomStream } from "../../src/system/random.ts";
import { counted } from "../../src/util/numbers.ts";
import { cancernet } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { type Running, startCancernet } from "../support/running.ts";
import {
  assertGathersAlone,
  assertPublishedOnce,
  assertSameResults,
  countPublications,
  damagedOf,
  type Ending,
  leftAttempts,
  referenceOf,
  SIZES,
  slideArguments,
} from "./chaos_fixture.ts";
import { drawKill } from "./kills.ts";

const SHARDS = 7;
const REPEATED = 3;
/** A killed process has run for up to this time: its start, and some of its slides. */
const KILL_WITHIN_MILLISECONDS = Math.min(30_000, 1500 + (SIZES.slides / SHARDS) * 250);

const { slides: COUNT, kills: KILLS, workers: AT_ONCE, seed } = SIZES;
const at = useFolder("shards");

test("shards that are killed and repeated give the results of one process", async (t) => {
  const reference = referenceOf(t, at(), COUNT);
  const results = at("many", "results");
  const publications = countPublications(t, results);
  const { kills, processes } = await runShards(t, slideArguments(reference.slides, results));
  const left = leftAttempts(results);

  const failed = damagedOf(COUNT).length;
  const gathered = await cancernet(["gather", results]);
  assert.equal(gathered.code, failed > 0 ? 2 : 0, gathered.err);
  if (failed > 0) assert.match(gathered.err, new RegExp(`^cancernet: ${failed} of ${COUNT} slides failed`, "m"));
  await assertSameResults(results, await reference.results);
  assertPublishedOnce(publications, COUNT);

  await assertGathersAlone(results, at("elsewhere"));
  t.diagnostic(
    `${COUNT} slides (${failed} damaged), ${SHARDS} shards, ${REPEATED} of them twice, ${processes} processes, ` +
      `${kills.length} kills (${kills.join(", ")}): ${publications.size} published, 0 twice, ${counted(left, "attempt")} left, which gather removed`,
  );
});

/** Runs all shards, and some of them twice, several at once. Kills processes until there were enough kills. */
async function runShards(t: Ending, args: readonly string[]): Promise<{ kills: string[]; processes: number }> {
  const random = new RandomStream(seed, "shards");
  const all = Array.from({ length: SHARDS }, (_, index) => index + 1);
  const [results, killed, mostPublications] = [args.at(-1)!, at("killed"), COUNT / SHARDS / 2];
  mkdirSync(killed);
  const plan = {
    results,
    killed,
    spared: new Set<Running>(),
    mostMilliseconds: KILL_WITHIN_MILLISECONDS,
    mostPublications,
  };
  const waiting = [...all.slice(0, REPEATED), ...all].sort((a, b) => a - b);
  const kills: string[] = [];
  let [processes, victims] = [0, 0];

  const runOne = async (shard: number) => {
    const kill = victims < KILLS ? drawKill(random, plan) : undefined;
    if (kill) victims++;
    const preloads = kill?.preload === undefined ? [] : [kill.preload];
    const running = startCancernet(t, [...args, "--shard", `${shard}/${SHARDS}`], { preloads });
    const giveUp = kill?.onStart?.(running);
    processes++;
    const { code, killedBy } = await running.ended;
    giveUp?.();
    if (killedBy === "SIGKILL") {
      kills.push(kill!.words);
      waiting.push(shard);
    } else {
      if (kill) victims--; // It ended before.
      assert.equal(code, hasDamaged(shard) ? 2 : 0, running.printed());
    }
  };
  const lane = async () => {
    while (waiting.length > 0 || victims < KILLS) await runOne(waiting.shift() ?? 1 + random.integer(SHARDS));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { kills, processes };
}

const hasDamaged = (shard: number): boolean => damagedOf(COUNT).some((index) => index % SHARDS === shard - 1);
