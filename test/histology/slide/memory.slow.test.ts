/** Memory has a bound that does not know the slide's size: a slide of 30 GB as pixels, read by a process of its own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../support/folder.ts";
import { giantSlide } from "./support/giant.ts";

const MOST_MEGABYTES = 500;

test("100,000 x 100,000 pixels: regions at random places and all levels are right, in less than 500 MB", async (t) => {
  const path = join(await temporaryFolder(t), "giant.tif");
  const bytes = giantSlide();
  writeFileSync(path, bytes);
  const peak = ["--import", resolve("test/hostile/peak_memory.ts")];
  const child = spawn(process.execPath, [...peak, resolve("test/histology/slide/support/read_giant.ts"), path], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const texts = { 1: "", 3: "" };
  for (const stream of [1, 3] as const) {
    child.stdio[stream]!.on("data", (part: Buffer) => {
      texts[stream] += part.toString();
    });
  }
  const code = await new Promise((done) => child.on("close", done));
  assert.equal(code, 0);
  assert.equal(texts[1], "9 levels, 60 regions");
  t.diagnostic(`${Math.round(bytes.length / 1e6)} MB of file; ${texts[3]} MB at most`);
  assert.ok(Number(texts[3]) > 50 && Number(texts[3]) < MOST_MEGABYTES, `${texts[3]} MB`);
});
