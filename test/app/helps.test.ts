/** The help and the limits of every verb: a default is named once, and every number has a smallest and a largest value that errors name. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { readValues } from "../../src/app/cli/option_values.ts";
import { optionEntries } from "../../src/options/option_entries.ts";
import { cancernet } from "../support/command.ts";
import { refused } from "../support/refused.ts";

async function helpOf(name: string): Promise<string> {
  const { code, out } = await cancernet([name, "--help"], { columns: 80 });
  assert.equal(code, 0);
  return out;
}

for (const row of COMMANDS) {
  test(`${row.name} --help: no option names its default twice, and no line is wider than the terminal`, async () => {
    const help = await helpOf(row.name);
    // An option's text: from its flag to the next one, on one line.
    const texts = help.split(/\n {2}(?=--|-|[a-z])/).map((text) => text.replace(/\s+/g, " "));
    for (const text of texts) {
      assert.ok(!(/\[[^\]]+\](?= |$)/.test(text.replace(/^\S+ (<[^>]*>|\S*)/, "")) && /default:/.test(text)), text);
      assert.ok((text.match(/default:/g) ?? []).length <= 1, text);
    }
    for (const line of help.split("\n")) assert.ok(line.length <= 80 || /^ {2}cancernet /.test(line), line);
  });

  test(`${row.name}: an error for a number that is too large or too small names both limits`, async () => {
    const { options } = await row.load();
    const entries = optionEntries(options);
    for (const entry of entries.filter(({ numeric, choices }) => numeric && choices.length === 0)) {
      const limits =
        /(from|above|at least) (-?[\d.]+) (to|and at most|and below) ([\d.]+)$/.exec(entry.expected) ??
        assert.fail(`${entry.label} has no smallest and largest value: ${entry.expected}`);
      const inclusive = { low: /from|least/.test(limits[1]!), high: /to|most/.test(limits[3]!) };
      const [low, high] = [Number(limits[2]), Number(limits[4])];
      const tooLarge = inclusive.high ? high * 1.01 + 1000 : high;
      for (const wrong of [String(tooLarge), String(inclusive.low ? low - 1 : low), "1e21"]) {
        const typed = entry.repeated ? [wrong] : wrong;
        const given = Object.fromEntries(
          entries.filter(({ required }) => required).map((one) => [one.property, one.repeated ? ["a", "b"] : "a"]),
        );
        assert.throws(
          () => readValues(options, { entries, typed: { ...given, [entry.property]: typed }, configured: new Map() }),
          refused("option-invalid", entry.expected),
        );
      }
    }
  });
}
