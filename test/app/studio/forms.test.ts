/** The forms of jobs: the options that their fields give, what they suggest, and what they show for other options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { z } from "zod";
import type { Item, RunItem } from "../../../src/app/api/items.ts";
import { VERBS } from "../../../src/app/api/job_verbs.ts";
import {
  FORMS,
  type FormVerb,
  formEntries,
  formGroups,
  freeName,
  optionsOf,
  usualText,
  usualValue,
  valuesFromView,
  viewFromValues,
} from "../../../src/app/web/screens/jobs/form.ts";
import { suggestions } from "../../../src/app/web/screens/jobs/suggest.ts";
import { commandLineOf } from "../../../src/options/command_line.ts";
import { AUGMENTATIONS } from "../../../src/options/training/augmentations.ts";
import { trainOptions } from "../../../src/options/training/options.ts";
import { RECIPES } from "../../../src/options/training/recipes.ts";

const verbs = Object.keys(FORMS) as FormVerb[];
const entryOf = (verb: FormVerb, property: string) => formEntries(verb).find((one) => one.property === property)!;

test("a form has every option of the flags but paths that the page cannot give", () => {
  for (const verb of verbs) {
    const { options } = VERBS[verb]!;
    const shown = formEntries(verb).map(({ property }) => property);
    const missing = Object.keys(options.shape).filter((name) => !shown.includes(name));
    const expected: Partial<Record<FormVerb, string[]>> = {
      train: ["plot"],
      slide: ["labels"],
      calibrate: ["crossvalidation"],
    };
    assert.deepEqual(missing, expected[verb] ?? [], verb);
    assert.deepEqual(
      new Set(formGroups(verb).flatMap(({ entries }) => entries.map(({ property }) => property))),
      new Set(shown),
    );
  }
});

test("the options of a form give the command line of the flags", () => {
  const values = {
    dataset: "data",
    out: " run ",
    epochs: "2",
    recipe: "",
    horizontalFlip: false,
    views: "8",
    device: "cpu",
  };
  const options = optionsOf("train", values);
  assert.deepEqual(options, { dataset: "data", out: "run", epochs: 2, horizontalFlip: false, views: 8, device: "cpu" });
  assert.equal(
    commandLineOf("train", trainOptions, options as z.input<typeof trainOptions>),
    "cancernet train data --out run --epochs 2 --views 8 --no-horizontal-flip --device cpu",
  );
  assert.deepEqual(optionsOf("evaluate", { prevalence: "0.1, 0.02 x" }), { prevalence: [0.1, 0.02, "x"] });
});

test("work that is resumed keeps its own dataset and output", () => {
  const values = { dataset: "data", out: "run", resume: "old", epochs: "9" };
  assert.deepEqual(optionsOf("train", values), { resume: "old", epochs: 9 });
});

test("what an option would be anyway is that of the chosen recipe and augmentation", () => {
  const usual = (property: string, values: Record<string, string> = {}) =>
    usualText(usualValue("train", entryOf("train", property), values)!);
  assert.equal(usual("epochs"), `${RECIPES.default.epochs} (recipe default)`);
  assert.equal(usual("epochs", { recipe: "tutorial" }), `${RECIPES.tutorial.epochs} (recipe tutorial)`);
  assert.equal(usual("epochs", { recipe: "unknown" }), `${RECIPES.default.epochs} (recipe default)`);
  assert.equal(
    usual("rotation", { augment: "geometry" }),
    `${AUGMENTATIONS.geometry.rotation} (augmentation geometry)`,
  );
  assert.equal(usual("threads"), "all cores");
  assert.equal(usual("seed"), "42");
  assert.equal(usualText(usualValue("evaluate", entryOf("evaluate", "out"), {})!), "evaluation-<split> in the run");
});

test("a form's values survive the address", () => {
  const values = { dataset: "abc", epochs: "3", horizontalFlip: false, out: "" };
  const view = viewFromValues("train", values);
  const given = Object.fromEntries(Object.entries(view).filter(([, text]) => text !== undefined)) as Record<
    string,
    string
  >;
  assert.deepEqual(given, { dataset: "abc", epochs: "3", horizontalFlip: "false" });
  assert.deepEqual(valuesFromView("train", given), { dataset: "abc", epochs: "3", horizontalFlip: false });
  assert.deepEqual(valuesFromView("compare", { runs: "a,b" }), { runs: ["a", "b"] });
});

const run = (path: string, hasModel: boolean, changed: number): RunItem => ({
  kind: "run",
  id: `id of ${path}`,
  path,
  changed,
  status: "finished",
  architecture: "compact",
  recipe: "default",
  seed: 1,
  epochs: 1,
  dataset: null,
  keep: "best",
  kept: { keep: "best", epochs: [1], val_auroc: 0.9 },
  valAuroc: 0.9,
  hasModel,
});

test("a form suggests the newest model and a free name", () => {
  const items: readonly Item[] = [run("run", true, 1), run("run-2/fold-1", true, 2), run("new", false, 3)];
  assert.equal(suggestions("evaluate", items, []).model, "id of run-2/fold-1");
  assert.equal(suggestions("train", items, []).out, "run-3");
  assert.equal("out" in suggestions("evaluate", items, []), false);
  assert.equal(freeName("model.onnx", new Set(["model.onnx"])), "model-2.onnx");
});
