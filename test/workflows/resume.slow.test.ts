/**
 * Kills trainings with SIGKILL at random instants and goes on with them: the results must be those of an uninterrupted run,
 * byte for byte. CANCERNET_KILLS sets how many kills.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RandomStream } from "../../src/system/random.ts";
import { argsFor, assertSameRun, type ProcessOptions, trainProcess, useDataset } from "./resume_fixture.ts";

const KILLS = Number(process.env.CANCERNET_KILLS ?? 5);
const SEED = 7;
const at = useDataset();

/** Batches of 12 and 11 patches, so that sizes change within an epoch. */
const TRAININGS = {
  "fused engine, a checkpoint after every step": "--epochs 2 --batch-size 12 --checkpoint-every 1",
  "fused engine, checkpoints after each epoch": "--epochs 2 --batch-size 12 --recipe tutorial",
  "fused engine, the mean of the last two of three epochs":
    "--epochs 3 --batch-size 24 --keep average --checkpoint-every 1",
  "fused engine, small batches": "--epochs 2 --batch-size 3 --checkpoint-every 5",
  "graph engine, a checkpoint after every second step":
    "--epochs 2 --batch-size 32 --engine graph --checkpoint-every 2",
};

/**
 * A script that ends its process at the n-th file that is renamed into place: before, with the temporary file cut to half
 * its length, or after.
 */
function killAtRename(count: number, moment: "before" | "half" | "after"): string {
  return `
    import files from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    const { rename, stat, truncate } = files;
    const end = () => process.kill(process.pid, "SIGKILL");
    let left = ${count};
    files.rename = async (from, to) => {
      if (--left > 0) return rename(from, to);
      if (${moment === "half"}) await truncate(from, (await stat(from)).size >> 1);
      if (${moment === "after"}) await rename(from, to);
      end();
    };
    syncBuiltinESMExports();`;
}

interface Kill extends ProcessOptions {
  readonly words: string;
}

/** The next instant to kill at, as words, a script for the process and what the outside does to it. */
function drawKill(random: RandomStream): Kill {
  if (random.uniform() < 0.5) {
    const moment = (["before", "half", "after"] as const)[random.integer(3)]!;
    const count = 1 + random.integer(12);
    return { words: `${moment} file ${count}`, preload: killAtRename(count, moment) };
  }
  const milliseconds = 400 + random.integer(1600);
  const onStart = async (child: ChildProcess) => {
    await sleep(milliseconds);
    child.kill("SIGKILL");
  };
  return { words: `after ${milliseconds} ms`, onStart };
}

test("killed trainings that go on end with the bytes of uninterrupted ones", async (t) => {
  const random = new RandomStream(SEED, "kills");
  const trainings = Object.entries(TRAININGS);
  for (const [index, [, options]] of trainings.entries()) {
    const { code, stderr } = await trainProcess([at("dataset"), ...options.split(" "), "--out", at(`whole ${index}`)]);
    assert.equal(code, 0, stderr);
  }
  let kills = 0;
  for (let training = 0; kills < KILLS; training++) {
    const index = training % trainings.length;
    const [name, options] = trainings[index]!;
    const folder = at(`killed ${training}`);
    const history: string[] = [];
    const most = Math.min(KILLS, kills + 1 + random.integer(4));
    for (;;) {
      const kill: Kill = kills < most ? drawKill(random) : { words: "not killed" };
      history.push(kill.words);
      const label = `${name}: ${history.join(", ")}`;
      const begin = [at("dataset"), ...options.split(" ")];
      const threads = String(1 + random.integer(2));
      const { code, killedBy, stderr } = await trainProcess([...argsFor(folder, begin), "--threads", threads], kill);
      if (killedBy === "SIGKILL") {
        kills++;
        continue;
      }
      assert.equal(code, 0, `${label}\n${stderr}`);
      assertSameRun(folder, at(`whole ${index}`), label);
      t.diagnostic(label);
      break;
    }
    rmSync(folder, { recursive: true });
  }
  t.diagnostic(`${kills} kills`);
});
