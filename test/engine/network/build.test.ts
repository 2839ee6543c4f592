/** CancerNet for other sizes, channels and classes: parameters by formula, shapes as Keras gives them, what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildCancerNet, type CancerNetSize } from "../../../src/engine/models/cancernet.ts";
import { MODELS } from "../../../src/engine/models/table.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import { classesOf, layerShapes, summarize } from "../../../src/engine/nn/model.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { parameterCount, SIZES } from "./sizes.ts";

test("for 48, 48, 3, 2 it is the table's model, with the tutorial's 1,235,133 parameters", () => {
  const model = buildCancerNet({ width: 48, height: 48, depth: 3, classes: 2 });
  assert.deepEqual(model, MODELS.cancernet);
  assert.equal(summarize(model).parameters, 1_235_133);
  assert.equal(parameterCount({ width: 48, height: 48, depth: 3, classes: 2 }), 1_235_133);
});

for (const size of SIZES) {
  test(`${JSON.stringify(size)}: the parameters of the formula`, () => {
    const model = buildCancerNet(size);
    const arrays = [...initialize(model, 1).values()];
    assert.equal(summarize(model).parameters, parameterCount(size));
    assert.equal(
      arrays.reduce((sum, { length }) => sum + length, 0),
      parameterCount(size),
    );
    assert.equal(classesOf(model), size.classes);
  });
}

test("an odd side loses its last row or column in each pooling, as in Keras: 50, 25, 12, 6", () => {
  const shapes = layerShapes(buildCancerNet({ width: 50, height: 50, depth: 3, classes: 2 }));
  const sides = shapes.filter(({ length }) => length === 3).map(([, height]) => height);
  assert.deepEqual([...new Set(sides)], [50, 25, 12, 6]);
});

test("a number that is no size is refused with its name and range", () => {
  const good = { width: 48, height: 48, depth: 3, classes: 2 };
  const wrong: [Partial<CancerNetSize>, Refusal][] = [
    [{ width: 7 }, refused("option-invalid", "width is 7, expected a whole number from 8 to 1,024")],
    [{ height: 48.5 }, refused("option-invalid", "height is 48.5")],
    [{ depth: 0 }, refused("option-invalid", "depth is 0")],
    [{ classes: 1 }, refused("option-invalid", "classes is 1, expected a whole number from 2 to 1,000")],
    [{ classes: Number.NaN }, refused("option-invalid", "classes is NaN")],
  ];
  for (const [change, refusal] of wrong) {
    assert.throws(() => buildCancerNet({ ...good, ...change }), refusal);
  }
});
