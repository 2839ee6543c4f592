/** Counts in sentences: each goes through `counted`, so that there is "1 patch" and "5,221 patches". */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { counted, fixed, whole } from "../src/util/numbers.ts";

const NOUNS =
  "patches|cases|files|images|slides|regions|labels|rows|bytes|hits|misses|alarms|threads|cores|features|folds|epochs|runs|views|parameters|numbers|models|probabilities|channels|tiles|inputs|places|directories|entries";
/** A value in a template, with a noun in the plural behind it, perhaps after an adjective. */
const COUNT = new RegExp(`\\$\\{((?!counted\\()[^{}]*)\\}\\s+(?:[a-z]+ )?(?:${NOUNS})\\b(?!/)`, "g");
/** Values that are no counts: shares, names, sizes of a square, and rates a second. */
const NO_COUNT = /^(percent|decimal|split$|place$|list$|drawn$|folder$|side$|wanted$|thresholdRuleText)/;
/** Errors of programmers. */
const INTERNAL = /new (Range)?Error\([^)]*$/;

test("no sentence puts a plural behind a bare number", () => {
  const found: string[] = [];
  for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.endsWith("util/numbers.ts")) continue;
    const text = readFileSync(join("src", name), "utf8");
    for (const match of text.matchAll(COUNT)) {
      const line = text.slice(text.lastIndexOf("\n", match.index) + 1, match.index);
      if (!NO_COUNT.test(match[1]!.trim()) && !INTERNAL.test(line)) found.push(`src/${name}: ${match[0]}`);
    }
  }
  assert.deepEqual(found, []);
});

test("one, many and thousands", () => {
  assert.deepEqual(
    [counted(1, "patch"), counted(0, "patch"), counted(5221, "patch"), counted(1, "case"), counted(2, "epoch")],
    ["1 patch", "0 patches", "5,221 patches", "1 case", "2 epochs"],
  );
  assert.deepEqual(
    [counted(2, "miss"), counted(2, "false alarm"), counted(2, "directory", "directories"), whole(277_524)],
    ["2 misses", "2 false alarms", "2 directories", "277,524"],
  );
});

test("what is rounded to zero has no sign", () => {
  assert.deepEqual(
    [-0.0004, 0.0004, -0, -0.0006, 1 / 3].map((value) => fixed(value, 3)),
    ["0.000", "0.000", "0.000", "-0.001", "0.333"],
  );
});
