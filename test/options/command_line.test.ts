/** Options back to a command line: for every verb, what the line says is what the program reads from it, in any shell's quotes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Command } from "commander";
import fc from "fast-check";
import type { z } from "zod";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { readValues } from "../../src/app/cli/option_values.ts";
import { addOptions } from "../../src/app/cli/schema_to_command.ts";
import { commandLineOf, commandWords } from "../../src/options/command_line.ts";
import { type OptionEntry, optionEntries } from "../../src/options/option_entries.ts";
import { slideOptions } from "../../src/options/slide.ts";
import { trainOptions } from "../../src/options/training/options.ts";

/** Texts of every kind that an option takes, and some that are hard to write down. */
const TEXTS = [
  "a b",
  "-x",
  "--",
  "--out",
  "it's",
  '"$HOME`',
  "\u00e9\n",
  "\\",
  "youden",
  "cost=5",
  "0.25",
  "50",
  "2m",
  "20x",
  "2/10",
  "1,2",
  "0.5,0.5,0.5",
];
const NUMBERS = [0, 1, 2, 3, 8, 16, 48, 0.05, 0.1, 1 / 3, 0.5, 1e-7, 12.5, 42];

const VERBS = await Promise.all(
  COMMANDS.map(async ({ name, load }) => {
    const { options } = await load();
    return { name, options, entries: optionEntries(options) };
  }),
);

/** Any value that the schema takes for an option. */
function valuesFor(schema: z.ZodObject, entry: OptionEntry): fc.Arbitrary<unknown> {
  const takes = (value: unknown) =>
    schema.shape[entry.property]!.safeParse(entry.repeated ? [value, value] : value).success;
  const all = [true, false, ...TEXTS, ...NUMBERS, ...entry.choices, ...entry.choices.map(Number)];
  const one = fc.constantFrom(...all.filter(takes));
  // An empty list is none that a command line could give.
  return entry.repeated ? fc.array(one, { minLength: 2, maxLength: 3 }) : one;
}

/** What the program reads from words. */
function read({ options }: (typeof VERBS)[number], words: readonly string[]): unknown {
  const command = new Command("cancernet").exitOverride();
  const parsed = addOptions(command, options);
  command.parse(words.slice(1), { from: "user" });
  return readValues(options, { ...parsed(), configured: new Map() });
}

const lines: [line: string, words: string[]][] = [];

for (const verb of VERBS) {
  test(`${verb.name}: the line of any options gives these options`, () => {
    const { name, options, entries } = verb;
    const arbitraries = entries.map((entry) => [entry.property, valuesFor(options, entry)] as const);
    const requiredKeys = entries.filter(({ required }) => required).map(({ property }) => property);
    const values = fc.record(Object.fromEntries(arbitraries), { requiredKeys });
    fc.assert(
      fc.property(values, (given) => {
        const words = commandWords(name, options, given);
        lines.push([commandLineOf(name, options, given), words]);
        const checked = options.parse(given);
        assert.deepEqual(read(verb, words), checked);
        assert.deepEqual(read(verb, commandWords(name, options, checked, { keepsDefaults: true })), checked);
      }),
      { seed: 1, numRuns: 12 },
    );
  });
}

test("a shell reads the lines as their words", { skip: process.platform === "win32" && "no sh" }, () => {
  const script = lines.map(([line]) => line.replace(/^cancernet/, "show")).join("\n");
  const { stdout } = spawnSync("sh", ["-c", `show() { printf '%s\\0' cancernet "$@"; printf '\\0'; }\n${script}`]);
  const found = String(stdout).split("\0\0").slice(0, -1);
  assert.equal(found.length, lines.length);
  for (const [index, [, words]] of lines.entries())
    assert.deepEqual(found[index]!.split("\0"), ["cancernet", ...words]);
});

test("arguments come first, then flags in the schema's order; what is as usual is left out", () => {
  const given = { out: "o p", model: "idc", slides: ["a.svs", "b.svs"], geojson: "regions" as const, minTissue: 0.1 };
  assert.equal(
    commandLineOf("slide", slideOptions, given),
    "cancernet slide idc a.svs b.svs --out 'o p' --min-tissue 0.1",
  );
  assert.equal(
    commandLineOf("train", trainOptions, { horizontalFlip: false, dataset: "-d", summary: false, overwrite: true }),
    "cancernet train --no-horizontal-flip --overwrite -- -d",
  );
});
