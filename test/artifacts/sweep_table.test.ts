/** Tables of sweeps: the three formats give the same rows, and every mistake names its row and column. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { MOST_ROWS, readSweepTable } from "../../src/artifacts/sweep_table.ts";
import { useFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";

const at = useFolder("sweep table");

function file(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

const ROWS = [
  { name: "usual", options: {} },
  { name: "low-1.5_b+", options: { learningRate: 0.001, verticalFlip: false, optimizer: "adamw", threshold: "0.5" } },
  { name: "3", options: { epochs: 4, views: 8 } },
];

test("YAML, JSON and CSV give the same rows", async () => {
  const yaml = `
- name: usual
- { name: low-1.5_b+, learningRate: 1e-3, verticalFlip: false, optimizer: adamw, threshold: "0.5" }
- name: 3
  epochs: 4
  views: 8
`;
  assert.deepEqual(await readSweepTable(file("a.yaml", yaml)), { settings: ROWS, seeds: undefined });
  const rows = ROWS.map(({ name, options }) => ({ name, ...options }));
  assert.deepEqual(await readSweepTable(file("a.json", JSON.stringify(rows))), { settings: ROWS, seeds: undefined });
  const csv = `name,learningRate,verticalFlip,optimizer,threshold,epochs,views
usual,,,,,,
low-1.5_b+,0.001,false,adamw,0.5,,
3,,,,,4,8
`;
  assert.deepEqual((await readSweepTable(file("a.csv", csv))).settings, ROWS);
  const both = await readSweepTable(file("b.yml", "seeds: [3, 1]\nsettings: [{ name: a }]\n"));
  assert.deepEqual(both, { settings: [{ name: "a", options: {} }], seeds: [3, 1] });
});

const MISTAKES: readonly [name: string, text: string, says: RegExp][] = [
  [
    "t.yaml",
    "- name: a\n- name: b\n  learningRate: 0\n",
    /t\.yaml:2, row 2, column learningRate: it must be .*is 0\.$/,
  ],
  [
    "t.yaml",
    "- name: a\n  learning-rate: 0.1\n",
    /row 1, column learning-rate: there is no such option .*learningRate/,
  ],
  ["t.yaml", "- name: a\n  seed: 3\n", /column seed: no row sets this by itself: give --seeds for all\.$/],
  ["t.yaml", "- name: a\n  device: cpu\n", /column device: .*--device/],
  ["t.yaml", "- name: a\n  epochs: [1, 2]\n", /column epochs: it must be a whole number/],
  ["t.yaml", "- name: a\n  threshold: 0.5\n", /column threshold: .*write it in quotes/],
  ["t.yaml", "- epochs: 1\n", /row 1, column name: .*but it is missing\.$/],
  ["t.yaml", "- name: ../a\n", /column name: .*but it is "\.\.\/a"\.$/],
  ["t.yaml", "- name: a\n- name: b\n- name: A\n", /row 3, column name: "A" is also the name of row 1/],
  ["t.yaml", "- 5\n", /row 1 must hold a name and options/],
  ["t.yaml", "settings: [{ name: a }]\nseed: [1]\n", /t\.yaml:2 has "seed": expected settings and seeds/],
  ["t.yaml", "settings: [{ name: a }]\nseeds: [1.5]\n", /"seeds" in .*must be a list of whole numbers/],
  ["t.yaml", "a: &x 1\nb: *x\n", /anchor or alias/],
  ["t.json", '[{ "name": "a", "name": "b" }]', /"name" appears twice/],
  ["t.json", "[{ name: a }]", /is not JSON/],
  ["t.csv", "name,epochs\na,1\nb,x\n", /t\.csv, row 2, column epochs: it must be a whole number .*is "x"\.$/],
  ["t.csv", "name,verticalFlip\na,yes\n", /column verticalFlip: it must be true or false, but is "yes"\.$/],
  ["t.txt", "name\na\n", /ends in "\.txt"/],
];

for (const [name, text, says] of MISTAKES) {
  test(`mistake: ${JSON.stringify(text)}`, async () => {
    await assert.rejects(readSweepTable(file(name, text)), refused("sweep-table-invalid", says));
  });
}

test("empty tables, tables without names, columns that appear twice and too many rows", async () => {
  for (const [name, text] of [
    ["e.yaml", ""],
    ["e.yaml", "[]\n"],
    ["e.json", '{ "settings": [] }'],
    ["e.csv", "name,epochs\n"],
  ] as const) {
    await assert.rejects(readSweepTable(file(name, text)), refused("table-damaged", /has no rows/));
  }
  await assert.rejects(readSweepTable(file("n.csv", "epochs\n1\n")), refused("table-column-missing", "name"));
  const twice = file("d.csv", "name,epochs,epochs\na,1,2\n");
  await assert.rejects(readSweepTable(twice), refused("table-column-repeated", "twice"));
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}` }));
  assert.equal((await readSweepTable(file("m.json", JSON.stringify(many(MOST_ROWS))))).settings.length, MOST_ROWS);
  await assert.rejects(
    readSweepTable(file("m.json", JSON.stringify(many(MOST_ROWS + 1)))),
    refused("sweep-table-invalid", "2,001 rows, and 2,000 are the most"),
  );
  await assert.rejects(readSweepTable(at("nowhere.yaml")), refused("file-missing", "nowhere.yaml"));
});
