/** Runs the corpus of hostile input: each input inside this process, a sample of each family through the real program. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { useFolder } from "../support/folder.ts";
import { FAMILIES, type Fixtures, makeFixtures } from "./corpus.ts";
import { MOST_MEGABYTES } from "./judge.ts";
import { tryInput, type Way } from "./running.ts";

const LEAST_INPUTS = 400;
const at = useFolder("hostile");
let fixtures: Fixtures;
let inputs = 0;

before(async () => {
  fixtures = await makeFixtures(at());
  writeFileSync(at("model.onnx"), fixtures.model);
});

for (const [family, make] of Object.entries(FAMILIES)) {
  test(family, async (t) => {
    const counts = { refused: 0, result: 0 };
    const failures: string[] = [];
    const attempt = async (way: Way, input: Parameters<typeof tryInput>[1]): Promise<void> => {
      try {
        const verdict = await tryInput(at(), input, way);
        if (way === "inside") counts[verdict]++;
      } catch (error) {
        failures.push(`${input.name} (${way}): ${error instanceof Error ? error.message : error}`);
      }
    };
    const all = await make(fixtures);
    const names = all.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, "each input has a name of its own");
    for (const input of all) await attempt("inside", input);
    const sample = all.filter((input) => input.sample);
    assert.ok(sample.length > 0, "a sample runs through the real program");
    for (const input of sample) await attempt("child", input);
    inputs += all.length;
    t.diagnostic(
      `${family}: ${all.length} inputs, ${counts.refused} refused, ${counts.result} gave results; ` +
        `${sample.length} through the real program too`,
    );
    assert.equal(failures.length, 0, `${failures.length} inputs:\n${failures.join("\n")}`);
  });
}

test("all of it, in bounded memory", (t) => {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  t.diagnostic(`${inputs} inputs; this process took ${megabytes} MB at most`);
  assert.ok(inputs >= LEAST_INPUTS, `${inputs} inputs`);
  assert.ok(megabytes < 2 * MOST_MEGABYTES, `${megabytes} MB`);
});
