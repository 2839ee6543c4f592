/** The library's functions given wrong options: one sentence that names the option, never zod's error; checked options again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { z } from "zod";
import { COMMANDS } from "../src/app/cli/commands.ts";
import * as library from "../src/index.ts";
import { checkedOptions } from "../src/options/checked_options.ts";
import type { ErrorCode } from "../src/util/error_codes.ts";
import { refused } from "./support/refused.ts";

const context = { reporter: library.silent, signal: new AbortController().signal };
const call = (name: string, options: unknown): Promise<unknown> =>
  (library as unknown as Record<string, (options: unknown, context: unknown) => Promise<unknown>>)[name]!(
    options,
    context,
  );

const NAMES: Readonly<Record<string, string>> = {
  import: "importWeights",
  export: "exportModel",
  "add-context": "addContext",
};
/** Applications, which are commands only. */
const APPLICATIONS = ["studio"];
const VERBS = COMMANDS.filter(({ name }) => !APPLICATIONS.includes(name));
const FUNCTIONS = VERBS.map(({ name }) => NAMES[name] ?? name);

test("every verb is a function of the library with its schema", () => {
  for (const { name } of VERBS) {
    const schema = `${name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}Options`;
    assert.ok(schema in library, schema);
  }
  for (const name of FUNCTIONS) assert.ok(name in library, name);
});

for (const name of FUNCTIONS) {
  test(`${name}: options that are none, or not known, are refused in a sentence`, async () => {
    for (const options of [undefined, null, 5, "run", ["run"]]) {
      await assert.rejects(call(name, options), refused("option-invalid"));
    }
    await assert.rejects(call(name, { nonsense: 1 }), refused("option-unknown", '"nonsense"'));
  });
}

const WRONG: [string, unknown, ErrorCode, string][] = [
  ["predict", { model: 5, images: ["a.png"] }, "option-invalid", "model must be a text, but is 5: write it in quotes."],
  ["predict", { model: "idc" }, "option-missing", "images is required: Images, or folders of images."],
  [
    "predict",
    { model: "idc", images: "a.png" },
    "option-invalid",
    'images must be a list, each of it a text, but is "a.png".',
  ],
  ["predict", { model: "idc", images: [] }, "option-invalid", "images has the wrong number of values (0)."],
  [
    "predict",
    { model: "idc", images: ["a.png", 7] },
    "option-invalid",
    "images must be a text, but is 7: write it in quotes.",
  ],
  [
    "predict",
    { model: "idc", images: ["a.png"], csv: "yes" },
    "option-invalid",
    'csv must be true or false, but is "yes".',
  ],
  [
    "predict",
    { model: "idc", images: ["a.png"], threads: 0 },
    "option-invalid",
    "threads must be a whole number from 1 to 32, but is 0.",
  ],
  [
    "predict",
    { model: "idc", images: ["a.png"], threads: 1n },
    "option-invalid",
    "threads must be a whole number from 1 to 32, but is 1.",
  ],
  [
    "predict",
    { model: "idc", images: ["a.png"], device: null },
    "option-invalid",
    "device must be one of auto, cpu, webgpu, cuda, but is null.",
  ],
  [
    "train",
    { dataset: "d", out: "r", learningRate: Number.NaN },
    "option-invalid",
    "learningRate must be a number above 0 and at most 100, but is NaN.",
  ],
  [
    "train",
    { dataset: "d", out: "r", checkpointEvery: "soon" },
    "option-invalid",
    "checkpointEvery must be a number from 1 to 999999 of steps (50), seconds (90s) or minutes (2m).",
  ],
  [
    "compare",
    { runs: ["one"] },
    "option-invalid",
    "runs must be two or more folders: the first, and those to compare with it.",
  ],
  ["slide", { model: "idc", slides: ["a.svs"], out: "o", scale: {} }, "option-invalid", "scale must be a number"],
  ["evaluate", { model: { circular: {} } }, "option-invalid", "model must be a text, but is an object."],
];

for (const [name, options, code, sentence] of WRONG) {
  test(`${name}: ${sentence}`, async () => {
    await assert.rejects(call(name, options), refused(code, sentence));
  });
}

test("checked options come out as they are, and those left out get their defaults", async () => {
  const given: Record<string, Record<string, unknown>> = {
    predict: { model: "idc", images: ["a.png"] },
    prepare: { source: "s", out: "o" },
    train: { dataset: "d", out: "r" },
    slide: { model: "idc", slides: ["a.svs"], out: "o" },
  };
  for (const { name, load } of COMMANDS) {
    if (!given[name]) continue;
    const { options } = (await load()) as { options: z.ZodObject };
    const once = checkedOptions(options, given[name]);
    assert.deepEqual(once, options.parse(given[name]));
    assert.deepEqual(checkedOptions(options, once), once);
  }
});

test("a path that is no text is refused", async () => {
  for (const open of [library.locateModel, library.openDataset, library.openSlide]) {
    await assert.rejects(open(5 as never), refused("path-invalid", "A path must be a text, but is 5."));
  }
  await assert.rejects(library.openModel(undefined as never, { threads: 1 }), refused("path-invalid"));
});
