/** Configuration files on the command line, without a process: which file counts, what goes before what, and every mistake in words. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test as nodeTest } from "node:test";
import { z } from "zod";
import { type CommandRow, commandRow } from "../../src/app/cli/command_row.ts";
import { optionEntries } from "../../src/options/option_entries.ts";
import type { ErrorCode } from "../../src/util/error_codes.ts";
import { cancernet as runHere } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

const at = useFolder("config");

const trainOptions = z.object({
  dataset: z.string().meta({ description: "The dataset.", positional: true, path: true }),
  out: z.string().optional().meta({ description: "Where to.", path: true }),
  resume: z.string().optional().meta({ description: "What goes on.", resumes: true }),
  epochs: z.int().min(1).max(100).default(40).meta({ description: "Epochs." }),
  batchSize: z.int().optional().meta({ description: "Batch." }),
  seed: z.int().default(42).meta({ description: "Seed." }),
  flip: z.boolean().optional().meta({ description: "Flip." }),
  quiet: z.boolean().default(false).meta({ description: "Quiet." }),
  rule: z.string().default("youden").meta({ description: "Rule." }),
});
const predictOptions = z.object({
  model: z.string().meta({ description: "Model.", positional: true, path: { except: ["idc"] } }),
  images: z.array(z.string()).min(1).meta({ description: "Images.", positional: true, path: true }),
  seed: z.int().default(1).meta({ description: "Seed." }),
});

let workingFolder = "";
/** A test in a folder of its own: a hook would make one for the tests of other files in this process too. */
const test = (name: string, body: () => Promise<void>) =>
  nodeTest(name, () => {
    workingFolder = mkdtempSync(at("case "));
    return body();
  });

/** Writes a file below the case's folder. */
function write(path: string, content: string | Uint8Array): void {
  const whole = join(workingFolder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
}

/** Runs a command line in a folder below the case's own. */
async function cancernet(line: string, below = ".") {
  let options: unknown;
  const row = <S extends z.ZodObject>(name: string, schema: S): CommandRow =>
    commandRow({
      name,
      group: "data",
      summary: `Do ${name}.`,
      finishes: "the current work",
      load: async () => ({
        options: schema,
        run: async (values) => {
          options = values;
        },
        text: () => [],
        settled: () => ({ batchSize: { value: 32, from: "recipe default" } }),
      }),
    });
  const commands = [row("train", trainOptions), row("predict", predictOptions)];
  const folder = resolve(workingFolder, below);
  const ended = await runHere(line.split(" "), { commands, folder, columns: 100 });
  return { ...ended, options: options as Record<string, unknown> | undefined };
}

async function optionsOf(line: string, below?: string): Promise<Record<string, unknown>> {
  const { code, err, options } = await cancernet(line, below);
  assert.equal(code, 0, err);
  return options!;
}

/** Runs a command line that must be refused without a result. */
async function refuses(line: string, refusal: Refusal, below?: string): Promise<void> {
  const { code, err, error, out, options } = await cancernet(line, below);
  assert.deepEqual([code, out, options], [2, "", undefined], err);
  refusal(error);
  assert.equal(err, `cancernet: ${(error as Error).message}\n`);
}

const JSON_NAME = "cancernet.config.json";
const writeJson = (value: unknown, path = JSON_NAME): void => write(path, JSON.stringify(value, null, 2));

test("a flag goes before the verb's section, that before the shared one, that before the default", async () => {
  writeJson({
    shared: { seed: 7, epochs: 5, batchSize: 3 },
    train: { dataset: "data", epochs: 9, flip: true, quiet: true },
  });
  const rest = { dataset: "data", rule: "youden", seed: 7, batchSize: 3 };
  assert.deepEqual(await optionsOf("train"), { ...rest, epochs: 9, flip: true, quiet: true });
  const flags = "train other --epochs 2 --no-flip --no-quiet --seed 1";
  assert.deepEqual(await optionsOf(flags), {
    ...rest,
    dataset: "other",
    epochs: 2,
    flip: false,
    quiet: false,
    seed: 1,
  });
  assert.deepEqual(await optionsOf("train x --no-config"), {
    dataset: "x",
    epochs: 40,
    seed: 42,
    quiet: false,
    rule: "youden",
  });
  const { seed } = await optionsOf("predict idc a.png");
  assert.equal(seed, 7);
});

test("JSON, YAML and a program say the same", async () => {
  const value = { train: { dataset: "data", epochs: 9, flip: false }, predict: { model: "idc", images: ["a", "b"] } };
  writeJson(value, "one.json");
  write(
    "two.yaml",
    "train:\n  dataset: data # a comment\n  epochs: 9\n  flip: false\npredict: {model: idc, images: [a, b]}\n",
  );
  write(
    "three.yml",
    "\ufefftrain:\r\n  dataset: data\r\n  epochs: 9\r\n  flip: false\r\npredict:\r\n  model: idc\r\n  images:\r\n    - a\r\n    - b\r\n",
  );
  write("four.mjs", `export default ${JSON.stringify(value)};`);
  write(
    "five.ts",
    `const epochs: number = 3 * 3;\nexport default { ...${JSON.stringify(value)}, $schema: "x" } satisfies object;`,
  );
  for (const file of ["one.json", "two.yaml", "three.yml", "four.mjs", "five.ts"]) {
    const { code, err, options } = await cancernet(`train --config ${file}`);
    assert.deepEqual([code, err.replace(/^.*ExperimentalWarning.*\n.*\n/, "")], [0, ""], file);
    assert.deepEqual(
      options,
      { dataset: "data", epochs: 9, flip: false, seed: 42, quiet: false, rule: "youden" },
      file,
    );
    assert.deepEqual(await optionsOf(`predict --config ${file}`), { model: "idc", images: ["a", "b"], seed: 1 }, file);
  }
});

test("the nearest file upwards counts, is named on stderr, and its paths are relative to its own folder", async () => {
  writeJson({ train: { dataset: "data", out: "/absolute" }, predict: { model: "idc", images: ["a", "sub/b"] } });
  mkdirSync(join(workingFolder, "sub/deep"), { recursive: true });
  const { options, err, out } = await cancernet("train", "sub/deep");
  const place = join("..", "..", JSON_NAME);
  assert.equal(err, `Using the options for train in ${place}; --no-config leaves them out.\n`);
  assert.equal(out, "");
  assert.deepEqual([options?.dataset, options?.out], [join("..", "..", "data"), "/absolute"]);
  const { model, images } = await optionsOf("predict", "sub");
  assert.deepEqual([model, images], ["idc", [join("..", "a"), join("..", "sub", "b")]]);
  write("sub/cancernet.config.yaml", "train: {dataset: near}");
  assert.equal((await optionsOf("train", "sub/deep")).dataset, join("..", "near"));
  // The nearer file alone counts, and says nothing of predict.
  await refuses("predict idc", refused("option-missing", "<images>"), "sub");
  assert.equal((await optionsOf("train --config cancernet.config.yaml", "sub")).dataset, "near");
});

test('"./idc" in a file is a path, "idc" the model of that name, wherever the file lies', async () => {
  writeJson({ predict: { model: "./idc", images: ["idc"] } });
  assert.deepEqual(await optionsOf("predict"), { model: "./idc", images: ["idc"], seed: 1 });
  mkdirSync(join(workingFolder, "sub"));
  assert.equal((await optionsOf("predict", "sub")).model, join("..", "idc"));
});

test("a program that was found is not run, which is said; a program that was named is", async () => {
  const mark = join(workingFolder, "mark");
  write(
    "cancernet.config.mjs",
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(mark)}, "ran"); export default { train: { epochs: 3 } };`,
  );
  const { options, err } = await cancernet("train data");
  assert.equal(options?.epochs, 40);
  assert.match(
    err,
    /^cancernet\.config\.mjs is not used: it is a program, which runs only if it is named with --config/,
  );
  assert.throws(() => rmSync(mark));
  assert.equal((await optionsOf("train data --config cancernet.config.mjs")).epochs, 3);
  rmSync(mark);
});

test("work that goes on takes nothing from a file, which is said; both named at once are refused", async () => {
  writeJson({ train: { dataset: "data", epochs: 9 } });
  const { options, err } = await cancernet("train x --resume run");
  assert.deepEqual(options, { dataset: "x", resume: "run", epochs: 40, seed: 42, quiet: false, rule: "youden" });
  assert.match(
    err,
    /^cancernet\.config\.json is not used with --resume: the settings are those that were started with\.\n$/,
  );
  await refuses(`train x --resume run --config ${JSON_NAME}`, refused("options-conflict", "--resume"));
  writeJson({ train: { resume: "run" } });
  await refuses("train", refused("config-invalid", `"resume" in ${JSON_NAME}:3`));
});

test("--print-config shows each value with its source, runs nothing, and may lack what is required", async () => {
  writeJson({ shared: { seed: 7 }, train: { epochs: 9, rule: "cost=5" } });
  const { code, out, options } = await cancernet("train --print-config --epochs 3");
  assert.deepEqual([code, options], [0, undefined]);
  const rows = out.split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows.slice(2, 11), [
    ["dataset", "-", "missing, but required"],
    ["out", "-", "not given"],
    ["resume", "-", "not given"],
    ["epochs", "3", "flag"],
    ["batchSize", "32", "recipe default"],
    ["seed", "7", `${JSON_NAME}:3`],
    ["flip", "-", "not given"],
    ["quiet", "false", "default"],
    ["rule", "cost=5", `${JSON_NAME}:7`],
  ]);
  const json = JSON.parse((await cancernet("train data --print-config --json")).out);
  assert.deepEqual([json.verb, json.file], ["train", JSON_NAME]);
  assert.deepEqual(json.options.epochs, { value: 9, from: `${JSON_NAME}:6` });
  assert.deepEqual(json.options.dataset, { value: "data", from: "command line" });
  assert.match(
    (await cancernet("train --print-config --resume x")).out,
    /epochs +40 +default\nbatchSize +- +as it was begun/,
  );
});

test("--print-config sends no codes of a file to the terminal", async () => {
  writeJson({ train: { out: "a\u001b[2Jb\u009b" } });
  for (const line of ["train --print-config", "train --print-config --json"]) {
    const { code, out } = await cancernet(line);
    assert.equal(code, 0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});

const MISTAKES: [content: unknown, code: ErrorCode, sentence: string][] = [
  [
    { train: { epochs: 0 } },
    "option-invalid",
    `"epochs" in ${JSON_NAME}:3 must be a whole number from 1 to 100, but is 0.`,
  ],
  [
    { train: { epochs: "9" } },
    "option-invalid",
    `"epochs" in ${JSON_NAME}:3 must be a whole number from 1 to 100, but is "9".`,
  ],
  [
    { train: { epochs: null } },
    "option-invalid",
    `"epochs" in ${JSON_NAME}:3 must be a whole number from 1 to 100, but is null.`,
  ],
  [
    { train: { epochs: [3] } },
    "option-invalid",
    `"epochs" in ${JSON_NAME}:3 must be a whole number from 1 to 100, but is [3].`,
  ],
  [
    { train: { epochs: {} } },
    "option-invalid",
    `"epochs" in ${JSON_NAME}:3 must be a whole number from 1 to 100, but is an object.`,
  ],
  [{ train: { flip: 1 } }, "option-invalid", `"flip" in ${JSON_NAME}:3 must be true or false, but is 1.`],
  [
    { train: { rule: 0.5 } },
    "option-invalid",
    `"rule" in ${JSON_NAME}:3 must be a text, but is 0.5: write it in quotes.`,
  ],
  [{ train: { out: "" } }, "option-invalid", `"out" in ${JSON_NAME}:3 must be a text, but is "".`],
  [
    { train: { epoch: 9 } },
    "option-unknown",
    `"epoch" in ${JSON_NAME}:3 is not an option of train: did you mean epochs?`,
  ],
  [
    { train: { "batch-size": 9 } },
    "option-unknown",
    `"batch-size" in ${JSON_NAME}:3 is not an option of train: did you mean batchSize?`,
  ],
  [
    { train: { zzzzzz: 9 } },
    "option-unknown",
    `"zzzzzz" in ${JSON_NAME}:3 is not an option of train: run "cancernet train --help" for the options.`,
  ],
  [
    { train: { constructor: 9 } },
    "option-unknown",
    `"constructor" in ${JSON_NAME}:3 is not an option of train: run "cancernet train --help" for the options.`,
  ],
  [
    { trian: { epochs: 9 } },
    "command-unknown",
    `${JSON_NAME}:2 has a section for "trian", which is not a command: did you mean train?`,
  ],
  [
    { zzzzzz: {} },
    "command-unknown",
    `${JSON_NAME}:2 has a section for "zzzzzz", which is not a command: the sections are train, predict, shared.`,
  ],
  [
    { shared: { imagse: 9 } },
    "option-unknown",
    `"imagse" in ${JSON_NAME}:3 is not an option of any verb: did you mean images?`,
  ],
  [{ train: 5 }, "config-invalid", `"train" in ${JSON_NAME}:2 must hold options by name, such as { "epochs": 10 }.`],
  [[], "config-invalid", `${JSON_NAME} must hold a section for each verb, such as { "train": { "epochs": 10 } }.`],
];

for (const [content, code, sentence] of MISTAKES) {
  test(`mistake in a file: ${JSON.stringify(content)}`, async () => {
    writeJson(content);
    await refuses("train data", refused(code, sentence));
  });
}

test("mistakes of lists, of texts and of files", async () => {
  writeJson({ predict: { images: "a.png" } });
  await refuses("predict idc", refused("option-invalid", /^"images" in .*:3 must be a list, .* but is "a\.png"\.$/));
  writeJson({ predict: { images: [] } });
  await refuses("predict idc", refused("option-invalid", "values (0)"));
  writeJson({ predict: { images: ["a", 5] } });
  await refuses("predict idc", refused("option-invalid", "5: write it in quotes"));
  write(JSON_NAME, '{ "train": {\n // no\n "epochs": 9 } }');
  await refuses("train data", refused("config-invalid", `${JSON_NAME}:2`));
  write(JSON_NAME, '{ "train": {\n "epochs": 9,\n "epochs": 8 } }');
  await refuses("train data", refused("config-invalid", `"epochs" appears twice, again in ${JSON_NAME}:3`));
  write("two.yaml", "train:\n\tepochs: 9\n");
  await refuses("train data --config two.yaml", refused("config-invalid", /^two\.yaml:2 .*Tabs/));
  write("two.yaml", "train: &t {epochs: 9}\npredict: *t\n");
  await refuses("predict data --config two.yaml", refused("config-invalid", '"predict" in two.yaml:2'));
  write("two.yaml", "train:\n  epochs: .nan\n");
  await refuses("train data --config two.yaml", refused("option-invalid", /"epochs" in two\.yaml:2 .* NaN/));
  write("program.mjs", "throw new Error('no data')");
  await refuses("train data --config program.mjs", refused("config-program-failed", "program.mjs failed (no data)"));
  write("text.txt", "{}");
  await refuses("train data --config text.txt", refused("config-invalid", ".json, .yaml"));
  await refuses("train data --config none.json", refused("file-missing", "none.json"));
  symlinkSync(join(workingFolder, "two.yaml"), join(workingFolder, "link.yaml"));
  await refuses("train data --config link.yaml", refused("config-invalid", "link.yaml"));
  write(JSON_NAME, "{}");
  write("cancernet.config.yaml", "{}");
  await refuses("train data", refused("config-ambiguous", "cancernet.config.yaml"));
});

test("every option of the verbs whose value is a path says so, and no other", async () => {
  const { COMMANDS } = await import("../../src/app/cli/commands.ts");
  const words = [
    "DIR",
    "FILE",
    "RUN",
    "DATASET",
    "SOURCE",
    "MODEL",
    "IMAGE",
    "SLIDE",
    "LIST",
    "WEIGHTS",
    "ONNX",
    "JOURNAL",
    "TABLE",
  ];
  for (const { name, load } of COMMANDS) {
    for (const entry of optionEntries((await load()).options)) {
      if (entry.resumes) continue;
      const isPath = entry.placeholder.split("|").some((word) => words.includes(word));
      assert.equal(entry.path !== undefined, isPath, `${name}, ${entry.property}`);
    }
  }
});
