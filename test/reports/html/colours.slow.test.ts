/** The colours of pages: enough contrast in both schemes (WCAG 2.2), light ones on paper, and no colour in a drawing that stays light. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CLASS_NAMES } from "../../../src/histology/dataset/class_names.ts";
import { renderSvg } from "../../../src/reports/charts/svg.ts";
import { classWords } from "../../../src/reports/class_words.ts";
import {
  decisionChart,
  reliabilityChart,
  rocChart,
  scoresChart,
  trainingChart,
} from "../../../src/reports/evaluation/charts.ts";
import { COLOURS, type ColourName, withVariables } from "../../../src/reports/html/colours.ts";
import { STYLE } from "../../../src/reports/html/style.ts";
import { keyLegend, probabilityLegend } from "../../../src/reports/slide/legend.ts";
import { reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { evaluatedOf, TRAINING } from "../small_dataset.ts";

/** Relative luminance of "#rrggbb". */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test("contrast by its definition: black on white is 21, a colour on itself 1, #767676 on white 4.54", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#336699", "#336699"), 1);
  assert.ok(Math.abs(contrast("#767676", "#ffffff") - 4.54) < 0.005);
});

const TEXT_ON: readonly (readonly [ColourName, readonly ColourName[]])[] = [
  ["page", ["text", "muted", "link", "alert", "chart-text"]],
  ["alert-page", ["text", "link"]],
  ["code-page", ["text"]],
];
const LINES: readonly ColourName[] = ["chart-blue", "chart-vermilion", "chart-green", "chart-grey", "chart-axis"];

for (const [place, scheme] of ["light", "dark"].entries()) {
  test(`${scheme}: text has 4.5 to 1, lines of charts have 3 to 1`, () => {
    for (const [ground, texts] of TEXT_ON) {
      for (const name of texts) {
        const found = contrast(COLOURS[name][place]!, COLOURS[ground][place]!);
        assert.ok(found >= 4.5, `${name} on ${ground}: ${found.toFixed(2)}`);
      }
    }
    for (const name of LINES) {
      const found = contrast(COLOURS[name][place]!, COLOURS.page[place]!);
      assert.ok(found >= 3, `${name}: ${found.toFixed(2)}`);
    }
  });
}

test("dark colours hold on dark screens alone, and every other colour of the style is a variable", () => {
  const style = STYLE.toString();
  const dark = style.indexOf("@media screen and (prefers-color-scheme: dark)");
  assert.ok(dark > 0 && style.indexOf("color-scheme: light") < dark);
  const rules = style.replace(/:root \{[^}]*\}/g, "");
  assert.doesNotMatch(rules, /#[0-9a-f]{3,8}\b|\brgb|\b(white|black)\b(?!-)/i);
  for (const [, name] of rules.matchAll(/var\(--([a-z-]+)\)/g)) assert.ok(name! in COLOURS, name);
});

test("every colour of a chart is a variable; those of maps stay", async () => {
  const report = reportOf({ ...evaluatedOf(), training: TRAINING });
  const words = classWords(CLASS_NAMES);
  const charts = [
    rocChart(report),
    reliabilityChart(report.calibration, words),
    scoresChart(report),
    decisionChart(report),
    trainingChart(report),
  ];
  for (const chart of charts) {
    const svg = withVariables(await renderSvg(chart!));
    for (const [, colour] of svg.matchAll(/ (?:fill|stroke)="([^"]*)"/g)) {
      assert.match(colour!, /^(var\(--[a-z-]+\)|none|transparent)$/);
    }
  }
  const keys = withVariables(await renderSvg(keyLegend([{ colour: [1, 2, 3], meaning: "a key" }])));
  assert.match(keys, /fill="rgb\(1,2,3\)"/);
  assert.match(withVariables(await renderSvg(probabilityLegend(0.5, words))), /fill="#440154"/i);
});
