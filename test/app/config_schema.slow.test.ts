/** The published JSON Schema of configuration files: it is up to date, and it accepts and refuses what the program does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { COMMANDS } from "../../src/app/cli/commands.ts";
import { valuesFor } from "../../src/app/cli/config/choose.ts";
import { configSchema } from "../../src/app/cli/config/schema.ts";
import { sectionsOfText } from "../../src/app/cli/config/text.ts";
import { readValue } from "../../src/app/cli/option_values.ts";
import { optionEntries } from "../../src/options/option_entries.ts";
import { UserError } from "../../src/util/errors.ts";
import { jsonOf } from "../support/folder.ts";

const published = jsonOf(new URL("../../config.schema.json", import.meta.url));

test("the published schema is that of the options", async () => {
  assert.deepEqual(published, await configSchema(COMMANDS), 'run "npm run schema"');
});

/** Whether the program takes a file, as far as each option by itself goes. */
async function takes(content: unknown): Promise<boolean> {
  try {
    const sections = sectionsOfText(JSON.stringify(content), "file.json", "JSON");
    for (const { name, load } of COMMANDS) {
      const { options } = await load();
      const entries = optionEntries(options);
      const file = { place: "file.json", folder: "", sections };
      const configured = await valuesFor(file, name, entries, COMMANDS);
      for (const entry of entries) readValue(options, entry, { entries, typed: {}, configured });
    }
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

const EXAMPLES: readonly unknown[] = [
  {},
  { $schema: "node_modules/cancernet/config.schema.json" },
  { prepare: { source: "archive.zip", out: "dataset", split: "patch", trainShare: 0.8, validationShare: 0.1 } },
  { train: { dataset: "dataset", out: "run", recipe: "tutorial", epochs: 40, rotation: 20, horizontalFlip: false } },
  { shared: { seed: 7, threads: 2 }, crossvalidate: { folds: 3, fill: "reflect", checkpointEvery: "50" } },
  { predict: { model: "idc", images: ["a.png"], csv: true } },
  { evaluate: { prevalence: [0.1] } },
  { train: { epochs: 0 } },
  { train: { epochs: "3" } },
  { train: { epochs: 1.5 } },
  { train: { epochs: null } },
  { train: { rotation: 181 } },
  { train: { horizontalFlip: "yes" } },
  { train: { resume: "run" } },
  { train: { fill: "mirror" } },
  { train: { checkpointEvery: 50 } },
  { train: { checkpointEvery: "soon" } },
  { train: { epoch: 3 } },
  { train: { __proto__x: 3 } },
  { train: [] },
  { train: "run" },
  { trian: {} },
  { shared: { images: 5 } },
  { shared: { purple: 5 } },
  { shared: { resume: "run" } },
  { prepare: { trainShare: 1 } },
  { predict: { images: "a.png" } },
  { predict: { images: [] } },
  { predict: { images: [5] } },
  { evaluate: { prevalence: [1] } },
  [],
  5,
];

test("the schema and the program agree on examples", async () => {
  const validate = new Ajv2020({ strict: false }).compile(published);
  const accepted = EXAMPLES.map((example) => validate(example));
  assert.deepEqual(accepted.slice(0, 7), new Array(7).fill(true));
  assert.equal(accepted.filter(Boolean).length, 7);
  for (const [index, example] of EXAMPLES.entries()) {
    assert.equal(await takes(example), accepted[index], JSON.stringify(example));
  }
});
