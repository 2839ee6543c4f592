/** A table of a million labels, in a process of its own: what it gives, and how much memory it takes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { temporaryFolder } from "../support/folder.ts";

const ROWS = 1_000_000;
const MOST_MEGABYTES = 300;

function* table(): Generator<string> {
  yield "id,case,x,y,class,split,width,height,source\n";
  for (let row = 0; row < ROWS; row += 1000) {
    const lines = Array.from({ length: 1000 }, (_, column) => {
      const [x, y, label] = [column * 50 + 1, (row / 1000) * 50 + 1, column % 4 === 0 ? 1 : 0];
      const id = `7_idx5_x${x}_y${y}_class${label}`;
      return `${id},7,${x},${y},${label},train,50,50,7/${label}/${id}.png\n`;
    });
    yield lines.join("");
  }
}

test(`a million labels of one slide take less than ${MOST_MEGABYTES} MB`, async (t) => {
  const path = join(await temporaryFolder(t), "labels.csv");
  await pipeline(Readable.from(table()), createWriteStream(path));
  const script = `
    import { readLabels } from ${JSON.stringify(new URL("../../src/artifacts/slide_labels.ts", import.meta.url).href)};
    const labels = await readLabels(${JSON.stringify(path)}, "7");
    console.log(labels.size, labels.idc, labels.get(49950, 49950), Math.round(process.resourceUsage().maxRSS / 1024));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const [size, idc, last, megabytes] = stdout.split(" ").map(Number);
  assert.deepEqual([size, idc, last], [ROWS, ROWS / 4, 0], stderr);
  t.diagnostic(`${megabytes} MB`);
  assert.ok(megabytes! < MOST_MEGABYTES, `${megabytes} MB`);
});
