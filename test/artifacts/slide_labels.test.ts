/** The labels of a slide: found by place, counted once, and refused if a place has both. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { LabelTable, MOST_PLACES } from "../../src/artifacts/label_table.ts";
import { readLabels } from "../../src/artifacts/slide_labels.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

test("a table of labels is a map from places, whatever their order", () => {
  const place = fc.oneof(fc.nat(5), fc.constant(MOST_PLACES - 1));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, place, fc.constantFrom(0 as const, 1 as const)), { maxLength: 40 }),
      (list) => {
        const [table, map] = [new LabelTable(), new Map<string, 0 | 1>()];
        let twice = false;
        for (const [x, y, label] of list) {
          table.add(x, y, label);
          twice ||= (map.get(`${x},${y}`) ?? label) !== label;
          map.set(`${x},${y}`, label);
        }
        const both = table.sort();
        assert.equal(both !== undefined, twice);
        if (both) return assert.ok(map.has(`${both.x},${both.y}`));
        assert.equal(table.size, map.size);
        assert.equal(table.idc, [...map.values()].filter((label) => label === 1).length);
        for (const x of [0, 1, 2, 3, 4, 5, 6, MOST_PLACES - 1]) {
          for (const y of [0, 1, 2, 3, 4, 5, 6, MOST_PLACES - 1]) assert.equal(table.get(x, y), map.get(`${x},${y}`));
        }
      },
    ),
    { seed: 1 },
  );
});

test("more labels than there was room for", () => {
  const table = new LabelTable();
  for (let i = 4999; i >= 0; i--) table.add(i % 100, Math.floor(i / 100), i % 3 === 0 ? 1 : 0);
  table.sort();
  assert.deepEqual(
    [table.size, table.idc, table.get(99, 49), table.get(0, 0), table.get(0, 50)],
    [5000, 1667, 0, 1, undefined],
  );
});

test("rows of the case are read, damaged ones and places with both classes are refused", async (t) => {
  const path = join(await temporaryFolder(t), "labels.csv");
  const read = async (...rows: string[]) => {
    writeFileSync(path, `id,case,x,y,class\n${rows.join("\n")}\n`);
    return readLabels(path, "7");
  };
  const labels = await read("a,7,51,1,1", "b,8,51,1,0", "c,7,1,101,0", "d,7,51,1,1");
  assert.deepEqual(
    [labels.size, labels.idc, labels.get(50, 0), labels.get(0, 100), labels.get(0, 0)],
    [2, 1, 1, 0, undefined],
  );
  const refuses = async (refusal: Refusal, ...rows: string[]) => {
    await assert.rejects(read(...rows), refusal);
  };
  await refuses(refused("labels-missing", '"7"'), "a,8,1,1,0");
  await refuses(refused("labels-invalid", "at x 51, y 101"), "a,7,51,101,0", "b,7,1,1,0", "c,7,51,101,1");
  for (const row of [
    "a,7,0,1,1",
    "a,7,1.5,1,1",
    "a,7,,1,1",
    "a,7,1,x,1",
    "a,7,1,1,2",
    "a,7,1,1,",
    "a,7,33554433,1,1",
  ]) {
    await refuses(refused("labels-invalid", /case "7" with x .* from 1 to 33554432/), row);
  }
});
