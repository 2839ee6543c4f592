/** The HTML page of a sweep. It is a single file that opens without a network. */
import { counted, whole } from "../../util/numbers.ts";
import { gapText } from "../comparison/text.ts";
import { pageText } from "../html/document.ts";
import { cell, type Section, tableElement } from "../html/elements.ts";
import { type HtmlValue, html } from "../html/html.ts";
import type { SweepMetric, SweepReport } from "./report.ts";
import { sweepMetrics } from "./table.ts";
import { overSeedsText, shownMetrics, sweepMeaningOf, sweepMetricTitle } from "./text.ts";

/** Returns the HTML of the page. */
export function sweepPage(report: SweepReport): string {
  const { settings, rows, notice, software } = report;
  const seeds = new Set(rows.map(({ seed }) => seed)).size;
  return pageText({
    title: `Sweep of ${counted(settings.length, "setting")} with ${counted(seeds, "seed")}`,
    sections: [
      summarySection(report),
      settingsSection(report),
      rowsSection(report),
      detailSection(report),
      originSection(report),
    ],
    notice,
    software,
  });
}

const titleOf = ({ classes }: SweepReport, name: SweepMetric): string => sweepMetricTitle(name, classes[1]);

const NOTHING = { value: null, low: null, high: null };

function summarySection(report: SweepReport): Section {
  const names = shownMetrics(report);
  const columns = names.map((name) => titleOf(report, name));
  const failed = report.rows.filter(({ status }) => status === "failed");
  const unfinished = report.rows.filter(({ status }) => status === "unfinished");
  const content = html`
${
  failed.length > 0 &&
  html`<p class="warning"><b>${counted(failed.length, "training")} failed.</b> The numbers are those of the others; the table of trainings says why.</p>`
}
${
  unfinished.length > 0 &&
  html`<p class="warning"><b>${counted(unfinished.length, "training")} of ${whole(report.rows.length)} are not done yet.</b> The numbers are those of the others.</p>`
}
${tableElement({
  caption: "Each setting: mean over seeds, with the standard deviation over seeds (SD).",
  columns: ["setting", "seeds", ...columns],
  rows: report.settings.map(({ setting, seeds, metrics }) => [
    setting,
    whole(seeds.length),
    ...names.map((name) => overSeedsText(metrics[name])),
  ]),
})}
${
  report.differences.length > 0 &&
  tableElement({
    caption: `Each setting minus ${report.baseline}, averaged over seeds, with 95 % intervals.`,
    columns: ["setting", "seeds", ...columns],
    rows: report.differences.map(({ setting, seeds, metrics }) => [
      setting,
      whole(seeds.length),
      ...names.map((name) => gapText(metrics[name] ?? NOTHING)),
    ]),
  })
}
<h3>How these numbers are meant</h3>
<ul>
${sweepMeaningOf(report).map((sentence) => html`<li>${sentence}</li>\n`)}</ul>`;
  return { id: "summary", title: "Summary", content };
}

function settingsSection({ settings }: SweepReport): Section {
  const names = [...new Set(settings.flatMap(({ options }) => Object.keys(options)))];
  const content = tableElement({
    caption:
      "What the table of settings gives. A dash is an option that is not given: the recipe or the default decides it.",
    columns: ["setting", ...names],
    rows: settings.map(({ setting, options }) => [setting, ...names.map((name) => String(options[name] ?? "\u2013"))]),
  });
  return { id: "settings", title: "The settings", content };
}

function rowsSection(report: SweepReport): Section {
  const names = shownMetrics(report);
  const page = report.folds === null ? "evaluation-test/report.html" : "report.html";
  const content = html`${tableElement({
    caption: "Each training. Its folder lies beside this page.",
    columns: ["folder", "seed", ...names.map((name) => titleOf(report, name)), "status"],
    rows: report.rows.map(({ folder, seed, status, metrics }): readonly HtmlValue[] => [
      status === "done" ? html`<a href="${folder}/${page}">${folder}</a>` : folder,
      String(seed),
      ...names.map((name) => cell(metrics?.[name] ?? null)),
      status === "failed" ? "failed, see below" : status,
    ]),
  })}
${report.rows.flatMap(({ folder, error }) => (error === null ? [] : [html`<p class="warning"><b>${folder}</b>: ${error}</p>\n`]))}`;
  return { id: "trainings", title: "The trainings", content };
}

/** All metrics, one table per setting. */
function detailSection(report: SweepReport): Section {
  const names = sweepMetrics(report);
  const content = html`${report.settings.map(({ setting, metrics, seeds }) => {
    const difference = report.differences.find((one) => one.setting === setting);
    return tableElement({
      caption: html`<b>${setting}</b>, ${counted(seeds.length, "seed")}${difference && ` (${counted(difference.seeds.length, "seed")} in common with ${report.baseline})`}`,
      columns: ["metric", "mean", "SD", ...(difference ? [`minus ${report.baseline}`, "degrees of freedom"] : [])],
      rows: names.map((name) => [
        titleOf(report, name),
        cell(metrics[name]?.mean ?? null),
        cell(metrics[name]?.standard_deviation ?? null),
        ...(difference
          ? [gapText(difference.metrics[name] ?? NOTHING), cell(difference.metrics[name]?.degrees ?? null, 1)]
          : []),
      ]),
    });
  })}`;
  return { id: "metrics", title: "All metrics", content };
}

function originSection({ command, dataset, device, software, patches, cases }: SweepReport): Section {
  const content = html`<pre>${command}</pre>
${tableElement({
  caption: "What was trained and tested, with what.",
  columns: ["", ""],
  rows: [
    ["Dataset", dataset.folder],
    ["SHA-256 of the dataset's manifest", html`<code>${dataset.sha256}</code>`],
    ["SHA-256 of the dataset's records", html`<code>${dataset.records_sha256}</code>`],
    [
      "Tested with each seed",
      patches === null ? "nothing yet" : `${counted(patches, "patch")} of ${counted(cases!, "case")}`,
    ],
    ["Device", device],
    ["Program", software],
  ],
  words: true,
})}`;
  return { id: "origin", title: "How to get this summary again", content };
}
