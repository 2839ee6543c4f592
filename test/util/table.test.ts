/** Text tables: what a person sees, character by character. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tableLines } from "../../src/util/table.ts";

test("numbers are grouped and stand to the right, texts to the left, case ids keep their digits", () => {
  assert.deepEqual(
    tableLines(
      ["part", "cases", "patches", "IDC"],
      [
        ["train", 84, 83399, "26.8 %"],
        ["validation", 29, 31934, "-"],
        ["test", 49, 51439, "27.5 %"],
      ],
    ),
    [
      "part        cases  patches     IDC",
      "----------  -----  -------  ------",
      "train          84   83,399  26.8 %",
      "validation     29   31,934       -",
      "test           49   51,439  27.5 %",
    ],
  );
  assert.deepEqual(
    tableLines(["case"], [["09023"]]),
    ["case", "-----", "09023"].map((line, index) => (index ? line : " case")),
  );
});

test("a table without rows is its header; a row of another length is refused", () => {
  assert.deepEqual(tableLines(["a", "bc"], []), ["a  bc", "-  --"]);
  assert.throws(() => tableLines(["a"], [["x", "y"]]), /2 cells, expected 1/);
});

test("property: each cell stands within its column's rule", () => {
  const cell = fc.oneof(fc.stringMatching(/^[a-z]{0,8}$/), fc.integer());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }), (rows) => {
      const [, rule, ...lines] = tableLines(["one", "two", "three"], rows);
      const starts = [...rule!.matchAll(/-+/g)].map(({ index, 0: dashes }) => [index, index + dashes.length] as const);
      for (const [row, line] of lines.entries()) {
        const shown = starts.map(([from, to]) => line.slice(from, to).trim());
        assert.deepEqual(
          shown,
          rows[row]!.map((value) => (typeof value === "number" ? value.toLocaleString("en-US") : value)),
        );
      }
    }),
  );
});

test("wide characters take two columns, combining marks none, and nothing in a cell breaks its row", () => {
  const lines = tableLines(
    ["name", "n"],
    [
      ["\u4e73\u817a", 1],
      ["e\u0301\u00e9", 22],
      ["\u{1f52c}\u{1f469}\u200d\u{1f52c}", 3],
      ["a\tb\n\u001b[31m", 4],
    ],
  );
  assert.deepEqual(lines, [
    "name               n",
    "----------------  --",
    "\u4e73\u817a               1",
    "e\u0301\u00e9                22",
    "\u{1f52c}\u{1f469}\u200d\u{1f52c}               3",
    "a\\tb\\n\\u001b[31m   4",
  ]);
});
