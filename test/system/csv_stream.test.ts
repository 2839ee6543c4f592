/** Tables that are read row by row: the same rows as those of the whole table, and the same refusals. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { csvRows } from "../../src/system/csv_stream.ts";
import { fromCsv, linesOfCsv, toCsv } from "../../src/util/csv.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

const COLUMNS = ["a", "b"] as const;

async function rowsOf(path: string, signal?: AbortSignal): Promise<Record<string, string>[]> {
  const table = { columns: COLUMNS, what: "the table", ...(signal ? { signal } : {}) };
  const rows: Record<string, string>[] = [];
  for await (const row of csvRows(path, table)) rows.push({ ...row });
  return rows;
}

async function saved(t: TestContext, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(t), "table.csv");
  writeFileSync(path, content);
  return path;
}

test("any table gives the rows that it gives as a whole, with the columns asked for", async (t) => {
  const path = await saved(t, "");
  const cell = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter((text) => !text.includes("\0"));
  const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(rows, async (table) => {
      const text = toCsv(["b", "other", "a"], table);
      writeFileSync(path, text);
      const expected = fromCsv(text, COLUMNS, path).map(({ a, b }) => ({ b, a }));
      assert.deepEqual(await rowsOf(path), expected);
    }),
    { numRuns: 30, seed: 1 },
  );
});

test("a byte-order mark, CRLF, quotes and line ends in cells are read", async (t) => {
  const path = await saved(t, '\ufeffa,x,b\r\n1,,"two\r\nlines, ""quoted"""\r\n\r\n3,,4\r\n');
  assert.deepEqual(await rowsOf(path), [
    { a: "1", b: 'two\r\nlines, "quoted"' },
    { a: "3", b: "4" },
  ]);
});

test("a letter that falls between two parts of the file is whole", async (t) => {
  const filling = "x".repeat(64 * 1024 - "a,b\n".length - 1);
  const path = await saved(t, `a,b\n${filling}\u65e5,1\n`);
  assert.deepEqual(await rowsOf(path), [{ a: `${filling}\u65e5`, b: "1" }]);
});

const REFUSED: [string, string | Uint8Array, Refusal][] = [
  ["no header", "", refused("table-damaged", "table.csv")],
  ["a missing column", "a,c\n1,2\n", refused("table-column-missing", "column b")],
  ["a missing column and no row", "a,c\n", refused("table-column-missing", "column b")],
  ["a row with another number of fields", "a,b\n1\n", refused("table-damaged", "table.csv")],
  ["a quote that never ends", 'a,b\n1,"2\n', refused("table-damaged", "table.csv")],
  ["a row without an end", `a,b\n1,${"x".repeat(3e6)}`, refused("table-damaged", "table.csv")],
  ["bytes that are not UTF-8", Uint8Array.of(97, 44, 98, 10, 0xe9, 44, 49, 10), refused("text-invalid")],
  ["a letter that is cut off", Buffer.from("a,b\n1,\u65e5").subarray(0, -1), refused("text-invalid")],
  ["NUL bytes", "a,b\n1,\0\n", refused("text-invalid")],
];

for (const [name, content, refusal] of REFUSED) {
  test(`refused: ${name}`, async (t) => {
    await assert.rejects(rowsOf(await saved(t, content)), refusal);
  });
}

test("refused: no file, a folder", async (t) => {
  const folder = await temporaryFolder(t);
  mkdirSync(join(folder, "folder"));
  const missing = refused("file-missing", "none.csv");
  await assert.rejects(rowsOf(join(folder, "none.csv")), missing);
  const isFolder = refused("path-is-folder", "folder");
  await assert.rejects(rowsOf(join(folder, "folder")), isFolder);
});

test("a request to stop is heard", async (t) => {
  const path = await saved(t, toCsv(COLUMNS, Array(5000).fill(["1", "2".repeat(50)])));
  const reason = new Error("stop");
  await assert.rejects(rowsOf(path, AbortSignal.abort(reason)), reason);
});

test("lines without a header are those of the table", () => {
  const rows = [
    [1, "a,b"],
    [2, 'say "x"'],
  ];
  assert.equal(toCsv(["n", "text"], []) + linesOfCsv(rows), toCsv(["n", "text"], rows));
});
