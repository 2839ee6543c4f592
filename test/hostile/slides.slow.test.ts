/** Runs the hostile slides, each through the judge of all hostile input, inside this process. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MOST_MEGABYTES } from "./judge.ts";
import { tryInput } from "./running.ts";
import { slideInputs } from "./slides.ts";

test("slides", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "cancernet hostile "));
  const counts = { refused: 0, result: 0 };
  const failures: string[] = [];
  let slowest = { name: "", milliseconds: 0 };
  const inputs = await slideInputs();
  assert.equal(new Set(inputs.map(({ name }) => name)).size, inputs.length, "each input has a name of its own");
  for (const input of inputs) {
    const start = performance.now();
    try {
      counts[await tryInput(root, input, "inside")]++;
    } catch (error) {
      failures.push(`${input.name}: ${error instanceof Error ? error.message : error}`);
    }
    const milliseconds = performance.now() - start;
    if (milliseconds > slowest.milliseconds) slowest = { name: input.name, milliseconds };
  }
  rmSync(root, { recursive: true, force: true });
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  t.diagnostic(`slides: ${inputs.length} inputs, ${counts.refused} refused, ${counts.result} gave results`);
  t.diagnostic(`${megabytes} MB at most; the slowest, "${slowest.name}", took ${Math.round(slowest.milliseconds)} ms`);
  assert.equal(failures.length, 0, `${failures.length} inputs:\n${failures.join("\n")}`);
  assert.ok(megabytes < MOST_MEGABYTES, `${megabytes} MB`);
});
