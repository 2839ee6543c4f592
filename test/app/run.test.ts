/** The command line as a whole, without a process: help, options, mistakes, exit codes. */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { type CommandRow, commandRow } from "../../src/app/cli/command_row.ts";
import { Stopped } from "../../src/app/cli/exit_codes.ts";
import { runCommandLine } from "../../src/app/cli/run.ts";
import type { ErrorCode } from "../../src/util/error_codes.ts";
import { UserError } from "../../src/util/errors.ts";
import { streams } from "../support/command.ts";
import { refused } from "../support/refused.ts";

const trainOptions = z
  .object({
    dataset: z.string().meta({ description: "Folder of the dataset.", positional: true }),
    out: z.string().meta({ description: "Folder for the run.", placeholder: "DIR", short: "o" }),
    epochs: z.number().int().min(1).default(40).meta({ description: "Times through the training set." }),
    learningRate: z.number().positive().default(0.01).meta({ description: "Step size." }),
    dropoutShare: z.number().min(0).max(1).optional().meta({ description: "Share dropped." }),
    optimizer: z.enum(["adagrad", "adam"]).default("adam").meta({ description: "How weights move." }),
    augment: z.boolean().default(true).meta({ description: "Vary the patches." }),
    testTimeViews: z.literal([1, 8]).default(1).meta({ description: "Views of each patch." }),
    threshold: z
      .union([z.number().min(0).max(1), z.literal("auto")])
      .default("auto")
      .meta({ description: "Operating point." }),
    dryRun: z.boolean().default(false).meta({ description: "Only look." }),
    excludeCase: z
      .array(z.string().regex(/^\d+$/, { error: "must be a case number such as 9023" }))
      .default([])
      .meta({ description: "A case to leave out.", placeholder: "ID" }),
  })
  .refine(({ dryRun, epochs }) => !dryRun || epochs === 40, { error: "--dry-run trains nothing: leave out --epochs" });

const filesOptions = z.object({
  files: z.array(z.string()).min(1).meta({ description: "Images.", positional: true }),
  scale: z.array(z.number().min(1)).optional().meta({ description: "Scales." }),
});

function setUp(run: (options: unknown, signal: AbortSignal) => unknown = () => undefined) {
  const { text: told, stdout, reporter } = streams({ columns: 100 });
  const controller = new AbortController();
  const loaded: string[] = [];
  const row = <S extends z.ZodObject>(name: string, options: S): CommandRow =>
    commandRow({
      name,
      group: "data",
      summary: `Do ${name}.`,
      finishes: "the current work",
      examples: [`cancernet ${name} data`],
      load: async () => {
        loaded.push(name);
        return {
          options,
          run: async (values, { signal }) => run(values, signal),
          text: () => [],
          passed: (result) => result !== false,
        };
      },
    });
  const commands = [row("train", trainOptions), { ...row("predict", filesOptions), aliases: ["classify"] }];
  const errors: unknown[] = [];
  const surroundings = { commands, reporter, stdout, signal: controller.signal, folder: resolve("/") };
  const cancernet = (...args: string[]): Promise<number> =>
    runCommandLine(args, { ...surroundings, onError: (error) => errors.push(error) });
  return { told, loaded, controller, errors, cancernet };
}

/** What the workflow was given. */
async function optionsOf(...args: string[]): Promise<unknown> {
  let options: unknown;
  const { cancernet, told } = setUp((values) => {
    options = values;
  });
  assert.equal(await cancernet(...args), 0, told.err);
  return options;
}

const DEFAULTS = {
  epochs: 40,
  learningRate: 0.01,
  optimizer: "adam",
  augment: true,
  testTimeViews: 1,
  threshold: "auto",
  dryRun: false,
  excludeCase: [],
};

test("defaults come from the schema", async () => {
  assert.deepEqual(await optionsOf("train", "data", "-o", "run"), { ...DEFAULTS, dataset: "data", out: "run" });
});

test("flags are the schema's names in kebab case, converted to its types", async () => {
  const flags = "--epochs 3 --learning-rate 1e-3 --dropout-share=0.5 --optimizer adagrad --no-augment --threshold 0.4";
  const args = `${flags} --test-time-views 8 --exclude-case 9023 --exclude-case 0042 --out 7`.split(" ");
  assert.deepEqual(await optionsOf("train", ...args, "data"), {
    dataset: "data",
    out: "7",
    epochs: 3,
    learningRate: 0.001,
    dropoutShare: 0.5,
    optimizer: "adagrad",
    augment: false,
    testTimeViews: 8,
    threshold: 0.4,
    dryRun: false,
    excludeCase: ["9023", "0042"],
  });
});

test("arrays: several positionals, several values of one flag", async () => {
  assert.deepEqual(await optionsOf("predict", "a.png", "--scale", "1", "b.png", "--scale", "2.5"), {
    files: ["a.png", "b.png"],
    scale: [1, 2.5],
  });
  assert.deepEqual(await optionsOf("predict", "--", "-odd-name.png"), { files: ["-odd-name.png"] });
});

const MISTAKES: [string, ErrorCode, string][] = [
  [
    "train data -o r --epochs x",
    "option-invalid",
    '--epochs must be a whole number from 1 to 9007199254740991, but is "x".',
  ],
  [
    "train data -o r --epochs 0",
    "option-invalid",
    "--epochs must be a whole number from 1 to 9007199254740991, but is 0.",
  ],
  [
    "train data -o r --epochs 1.5",
    "option-invalid",
    "--epochs must be a whole number from 1 to 9007199254740991, but is 1.5.",
  ],
  ["train data -o r --learning-rate 0", "option-invalid", "--learning-rate must be a number above 0, but is 0."],
  [
    "train data -o r --learning-rate Infinity",
    "option-invalid",
    '--learning-rate must be a number above 0, but is "Infinity".',
  ],
  ["train data -o r --learning-rate=", "option-invalid", '--learning-rate must be a number above 0, but is "".'],
  [
    "train data -o r --epochs 1e20",
    "option-invalid",
    "--epochs must be a whole number from 1 to 9007199254740991, but is 100000000000000000000.",
  ],
  ["train data -o r --dropout-share -1", "option-invalid", "--dropout-share must be a number from 0 to 1, but is -1."],
  [
    "train data -o r --optimizer adagard",
    "option-invalid",
    '--optimizer must be one of adagrad, adam, but is "adagard".',
  ],
  ["train data -o r --test-time-views 4", "option-invalid", "--test-time-views must be one of 1, 8, but is 4."],
  ["train data -o r --threshold 2", "option-invalid", "--threshold must be a number from 0 to 1, or auto, but is 2."],
  [
    "train data -o r --exclude-case 9023 --exclude-case b",
    "option-invalid",
    "--exclude-case must be a case number such as 9023.",
  ],
  ["train data -o r --dry-run --epochs 2", "options-conflict", "--dry-run trains nothing: leave out --epochs."],
  ["train data", "option-missing", "--out is required: Folder for the run."],
  ["train -o r", "option-missing", "<dataset> is required: Folder of the dataset."],
  ["train data -o r --epoch 3", "option-unknown", "unknown option '--epoch': did you mean --epochs?"],
  ["train data -o r --purple", "option-unknown", "unknown option '--purple': run \"cancernet train --help\" for help."],
  [
    "train data more -o r",
    "arguments-too-many",
    "too many arguments for 'train'. Expected 1 argument but got 2: data, more: run \"cancernet train --help\" for help.",
  ],
  [
    "train data --out",
    "option-invalid",
    "option '-o, --out <DIR>' argument missing: run \"cancernet train --help\" for help.",
  ],
  ["predict a.png --scale x", "option-invalid", '--scale must be a number of at least 1, but is "x".'],
  ["trian data", "command-unknown", "unknown command 'trian': did you mean train?"],
  ["--purple", "option-unknown", "unknown option '--purple': run \"cancernet --help\" for help."],
];

for (const [line, code, sentence] of MISTAKES) {
  test(`mistake: cancernet ${line}`, async () => {
    const { cancernet, told, errors } = setUp(() => assert.fail("the workflow must not run"));
    assert.equal(await cancernet(...line.split(" ")), 2);
    refused(code)(errors[0]);
    assert.equal(told.err, `cancernet: ${sentence}\n`);
    assert.equal(told.out, "");
  });
}

test("no argument, --help and help show the commands and load none", async () => {
  const texts = [];
  for (const args of [[], ["--help"], ["help"]]) {
    const { cancernet, told, loaded } = setUp();
    assert.equal(await cancernet(...args), 0);
    assert.deepEqual([loaded, told.err], [[], ""]);
    texts.push(told.out);
  }
  assert.match(texts[0]!, /^Usage: cancernet .*\n\nBreast-cancer .*Research use only\.\n/);
  assert.match(texts[0]!, /\n {2}train .*Do train\.\n {2}predict .*Do predict\.\n/);
  assert.deepEqual(texts, [texts[0], texts[0], texts[0]]);
});

test("an earlier name of a command still works", async () => {
  let options: unknown;
  const { cancernet } = setUp((values) => {
    options = values;
  });
  assert.equal(await cancernet("classify", "a.png"), 0);
  assert.deepEqual(options, { files: ["a.png"] });
});

test("a command's help shows its options, what they default to, and examples; only that command is loaded", async () => {
  const texts = [];
  for (const args of [
    ["train", "--help"],
    ["help", "train"],
  ]) {
    const { cancernet, told, loaded } = setUp();
    assert.equal(await cancernet(...args), 0);
    assert.deepEqual([loaded, told.err], [["train"], ""]);
    texts.push(told.out);
  }
  assert.equal(
    texts[0],
    `Usage: cancernet train [options] <dataset>

Do train.

Arguments:
  dataset                     Folder of the dataset.

Options:
  -o, --out <DIR>             Folder for the run. (required)
  --epochs <number>           Times through the training set. (default: 40)
  --learning-rate <number>    Step size. (default: 0.01)
  --dropout-share <number>    Share dropped.
  --optimizer <adagrad|adam>  How weights move. (default: adam)
  --augment                   Vary the patches. (default: on)
  --no-augment                Turn --augment off.
  --test-time-views <1|8>     Views of each patch. (default: 1)
  --threshold <number|auto>   Operating point. (default: auto)
  --dry-run                   Only look.
  --exclude-case <ID>         A case to leave out. (repeatable)
  -h, --help                  Show this help, or a command's.

Configuration file:
  --config <FILE>             File with options. [the nearest cancernet.config.json or .yaml from
                              here upwards]
  --no-config                 Read no such file.
  --print-config              Only print the options in effect, and where each comes from; with
                              --json as JSON.

Output for programs:
  --json                      Print the result as JSON on standard output, and nothing else there.
  --events                    Print a line of JSON for each event; with --json on standard error.

Examples:
  cancernet train data
`,
  );
  assert.equal(texts[1], texts[0]);
});

test("--version", async () => {
  const { cancernet, told } = setUp();
  assert.equal(await cancernet("--version"), 0);
  assert.match(told.out, /^cancernet \d+\.\d+\.\d+\n$/);
});

test("a user's mistake inside a workflow is its message alone, exit code 2", async () => {
  const { cancernet, told } = setUp(() => {
    throw new UserError("folder-empty", "The folder data is empty.");
  });
  assert.equal(await cancernet("train", "data", "-o", "r"), 2);
  assert.equal(told.err, "cancernet: The folder data is empty.\n");
});

test("a bug is told with its stack, its cause and a request, exit code 1", async () => {
  const { cancernet, told } = setUp(() => {
    throw new Error("x is undefined", { cause: new RangeError("the cause") });
  });
  assert.equal(await cancernet("train", "data", "-o", "r"), 1);
  assert.match(told.err, /^cancernet: Error: x is undefined\n +at .*run\.test\.ts/);
  assert.match(told.err, /RangeError: the cause/);
  assert.match(told.err, /bug in cancernet: please report it .*\(cancernet \d.*, Node v\d+/);
});

for (const [name, finish] of [
  ["throws the signal's reason", (signal: AbortSignal) => signal.throwIfAborted()],
  ["throws an error caused by it", (signal: AbortSignal) => assert.fail(new Error("x", { cause: signal.reason }))],
  ["saves and returns", () => undefined],
] as const) {
  test(`a job that is stopped and ${name} ends with 130, and 143 for SIGTERM`, async () => {
    for (const [stopSignal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const { cancernet, told, controller } = setUp((_, signal) => {
        controller.abort(new Stopped(stopSignal));
        finish(signal);
      });
      assert.equal(await cancernet("train", "data", "-o", "r"), code);
      assert.equal(told.err, "cancernet: stopped.\n");
    }
  });
}

test("a mistake that has nothing to do with the stop is told as such", async () => {
  const { cancernet, controller } = setUp(() => {
    controller.abort(new Stopped("SIGINT"));
    throw new UserError("disk-full", "The disk is full.");
  });
  assert.equal(await cancernet("train", "data", "-o", "r"), 2);
});

test("a result that is bad news ends with 1, without a word of a bug", async () => {
  for (const [works, code] of [
    [true, 0],
    [false, 1],
  ] as const) {
    const { cancernet, told } = setUp(() => works);
    assert.equal(await cancernet("predict", "a.png"), code);
    assert.equal(told.err, "");
  }
});
