/** The page with its drawings: whole without a network, safe whatever names say, and readable by those who do not see it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawReport } from "../../../src/reports/evaluation/drawing.ts";
import { reportPage } from "../../../src/reports/evaluation/page.ts";
import { galleryPictures } from "../../../src/workflows/evaluation/gallery.ts";
import { type EvaluationInput, reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { CARD, evaluatedOf, PATCHES, TRAINING } from "../small_dataset.ts";

async function pageOf(evaluated: EvaluationInput): Promise<string> {
  const report = reportOf(evaluated);
  const pictures = await galleryPictures(evaluated.dataset, report.gallery);
  return reportPage(report, await drawReport(report), pictures);
}

const page = await pageOf({ ...evaluatedOf(), training: TRAINING });

const withoutPictures = (text: string) => text.replace(/base64,[^"]*/g, "");
const all = (pattern: RegExp, text = page) => [...text.matchAll(pattern)].map((match) => match[1]!);

test("nothing outside the file is asked for", () => {
  assert.deepEqual(
    all(/\b(?:src|href|xlink:href)="([^"]*)"/g).filter(
      (to) => !to.startsWith("#") && !to.startsWith("data:image/png;base64,"),
    ),
    [],
  );
  assert.deepEqual(new Set(all(/url\(([^)]*)\)/g).map((to) => to[0])), new Set(["#"]));
  const withoutNames = page
    .replaceAll('xmlns="http://www.w3.org/2000/svg"', "")
    .replaceAll('xmlns:xlink="http://www.w3.org/1999/xlink"', "");
  assert.doesNotMatch(withoutNames, /<script|https?:|@import|<link|<iframe|<object/);
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/);
});

test("names of classes are text too, on the page, in its drawings and in what is said of them", async () => {
  const names: [string, string] = ["benign <i> & $&", 'malig" onload="nant'];
  const text = await pageOf(evaluatedOf(PATCHES, { card: { ...CARD, class_names: names } }));
  assert.doesNotMatch(withoutPictures(text), /<i>|<(?:[^<>"]|"[^"]*")*\sonload=|IDC/);
  assert.ok(text.includes("Called malig&quot; onload=&quot;nant, labelled benign &lt;i&gt; &amp; $&amp;"));
  assert.equal(all(/<svg (role="img" aria-label="[^"]{20,}")/g, text).length, all(/<svg( )/g, text).length);
  assert.match(text, /aria-label="Decision curve [^"]* none of the patches malig&quot; onload=&quot;nant, at a share/);
});

test("ids are unique, and every link inside the page leads somewhere", () => {
  const ids = all(/\bid="([^"]*)"/g);
  assert.equal(new Set(ids).size, ids.length);
  const targets = [...all(/href="#([^"]*)"/g), ...all(/url\(#([^)]*)\)/g), ...all(/aria-labelledby="([^"]*)"/g)];
  assert.ok(targets.length > 12);
  for (const target of targets) assert.ok(ids.includes(target), target);
});

test("pictures and drawings have a text, tables have headings, headings skip no level", () => {
  assert.equal(all(/<img (?=[^>]*alt="Patch )/g).length, all(/<img /g).length);
  assert.equal(all(/<svg (role="img" aria-label="[^"]{20,}")/g).length, 6);
  assert.equal(all(/<svg( )/g).length, 6);
  assert.equal(all(/<table( )/g).length, all(/<caption(>)/g).length);
  assert.equal(all(/<tbody><tr><th( )scope="row"/g).length, all(/<table( )/g).length);
  const levels = all(/<h(\d)/g).map(Number);
  assert.equal(levels[0], 1);
  assert.ok(levels.slice(1).every((level, i) => level >= 2 && level <= levels[i]! + 1));
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
});

test("drawings hold numbers only: no NaN, no text that was not meant", () => {
  assert.doesNotMatch(withoutPictures(page), /NaN|undefined|Infinity|\[object/);
});

test("a report without cases, without the other class, without temperature, is a page too", async () => {
  for (const label of [0, 1] as const) {
    const patches = PATCHES.map((patch) => ({ ...patch, label, case: "" }));
    const text = await pageOf(evaluatedOf(patches));
    assert.doesNotMatch(withoutPictures(text), /NaN|undefined|null|\[object/);
    assert.match(text, /not defined/);
    assert.match(text, /single patches/);
    assert.match(text, /names no cases/);
  }
});

test("the same numbers give the same page", async () => {
  assert.equal(await pageOf({ ...evaluatedOf(), training: TRAINING }), page);
});
