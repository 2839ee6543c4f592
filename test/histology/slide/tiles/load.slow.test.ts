/** 10,000 tiles and 1,000 aborted requests: memory has a bound, and no file stays open. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../../support/folder.ts";
import { giantSlide } from "../support/giant.ts";
import { flatSlide } from "./support/flat.ts";

const MOST_MEGABYTES = 600;
test("10,000 tiles and 1,000 aborted requests need less than 600 MB, and leave no file open", async (t) => {
  if (!existsSync("/proc/self/fd")) return t.skip("needs /proc");
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, "giant.tif"), giantSlide());
  writeFileSync(join(folder, "flat.tif"), flatSlide(16_384, 16_384));
  const paths = ["giant.tif", "flat.tif"].map((name) => join(folder, name));
  const data = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");
  for (const name of ["8917.png", "9023.tif", "CMU-1-Small-Region.svs", "tcga-cr-7395-01a-01-ts1.svs"]) {
    if (data && existsSync(join(data, name))) paths.push(join(data, name));
  }
  const peak = ["--import", resolve("test/hostile/peak_memory.ts")];
  const script = resolve("test/histology/slide/tiles/support/load_tiles.ts");
  const child = spawn(process.execPath, [...peak, script, join(folder, "overviews"), ...paths], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const texts = { 1: "", 3: "" };
  for (const stream of [1, 3] as const) {
    child.stdio[stream]!.on("data", (part: Buffer) => {
      texts[stream] += part.toString();
    });
  }
  assert.equal(await new Promise((done) => child.on("close", done)), 0);
  t.diagnostic(`${texts[1]}; ${texts[3]} MB at most`);
  const { asked, aborted, before, left } = JSON.parse(texts[1]);
  assert.deepEqual([asked, aborted], [10_000, 1000]);
  assert.ok(before > 0);
  assert.equal(left, 0);
  assert.ok(Number(texts[3]) < MOST_MEGABYTES, `${texts[3]} MB`);
});
