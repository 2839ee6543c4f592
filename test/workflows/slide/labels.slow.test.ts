/** A table of a million labels is read row by row: the process stays small. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { test } from "node:test";

const ROWS = 1_000_000;
const MOST_MEGABYTES = 300;

test("a million rows, all of one case, take less than 300 MB", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cancernet labels "));
  try {
    const path = join(folder, "labels.csv");
    const file = createWriteStream(path);
    file.write("case,x,y,class\n");
    for (let row = 0; row < ROWS; row++)
      file.write(`8917,${(row % 1000) * 50 + 1},${Math.floor(row / 1000) * 50 + 1},${row % 2}\n`);
    file.end();
    await finished(file);
    const script = `
      const { readLabels } = await import(${JSON.stringify(new URL("../../../src/workflows/slide/labels.ts", import.meta.url).href)});
      const labels = await readLabels(process.argv[1], "8917");
      console.log(JSON.stringify({ size: labels.size, last: labels.get(49950, 49950), megabytes: process.resourceUsage().maxRSS / 1024 }));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script, path], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const { size, last, megabytes } = JSON.parse(stdout);
    assert.deepEqual([size, last], [ROWS, 1]);
    assert.ok(megabytes < MOST_MEGABYTES, `${megabytes} MB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
