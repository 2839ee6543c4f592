/** The page of a cross-validation with its drawings. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawCrossvalidation } from "../../../src/reports/crossvalidation/charts.ts";
import { crossvalidationPage } from "../../../src/reports/crossvalidation/page.ts";
import { HOSTILE } from "../small_dataset.ts";
import { reported } from "./small_folds.ts";

const report = await reported();
const page = crossvalidationPage(report, await drawCrossvalidation(report));
const all = (pattern: RegExp) => [...page.matchAll(pattern)].map((match) => match[1]!);

test("the page asks for nothing outside, escapes names, and its links lead somewhere", () => {
  assert.deepEqual(
    all(/\b(?:src|href|xlink:href)="([^"]*)"/g).filter((to) => !to.startsWith("#")),
    [],
  );
  assert.doesNotMatch(page, /<script|<dataset>|NaN|undefined|Infinity|\[object|>null</);
  assert.ok(page.includes(HOSTILE.replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")));
  const ids = all(/\bid="([^"]*)"/g);
  assert.equal(new Set(ids).size, ids.length);
  for (const target of [...all(/href="#([^"]*)"/g), ...all(/url\(#([^)]*)\)/g)])
    assert.ok(ids.includes(target), target);
  assert.equal(all(/<svg (role="img" aria-label="[^"]{20,}")/g).length, 2);
  assert.equal(all(/<table( )/g).length, all(/<caption(>)/g).length);
});
