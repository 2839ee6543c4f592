/** Writes the summary of a sweep from the folders of its rows alone. */

import { join } from "node:path";
import { caseSizesOf } from "../../metrics/clusters.ts";
import { intervalsOver } from "../../reports/evaluation/interval_text.ts";
import { sweepPage } from "../../reports/sweep/page.ts";
import {
  type DifferenceReport,
  type SettingReport,
  SWEEP_FILES,
  type SweepReport,
  type SweepResult,
  type SweepRowReport,
} from "../../reports/sweep/report.ts";
import { sweepCsv } from "../../reports/sweep/table.ts";
import { writeFileAtomically } from "../../system/files.ts";
import type { WorkDescription } from "../../units/description.ts";
import type { Results } from "../../units/results.ts";
import type { Context } from "../../util/context.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { aTurn } from "../../util/turns.ts";
import { answersIn, readRow, type SweptPatches, testedPatchesOf } from "./answers.ts";
import { rowsOfWork, type Sweep, type SweepRow, sweepOf } from "./describe.ts";
import {
  type AssessedRow,
  assessRow,
  differenceReport,
  type Frame,
  frameOf,
  settingReport,
  valuesOf,
} from "./numbers.ts";

/**
 * Reads every row, and writes sweep.json, sweep.csv and the page. The files depend on the rows and the description only.
 * Rows that are not done yet are listed as unfinished.
 * @param baseline instead of the one that the sweep was begun with
 * @throws UserError if a row is damaged, or is of another dataset or other settings.
 */
export async function gatherSweep(
  results: Results,
  description: WorkDescription,
  context: Context,
  baseline?: string,
): Promise<SweepResult> {
  const { folder } = results;
  const sweep = sweepOf(folder, description);
  const summary = new Summary(folder, sweep, baseline ?? sweep.details.baseline, context);
  const report = await summary.report();
  const page = join(folder, SWEEP_FILES.page);
  context.signal.throwIfAborted();
  await writeFileAtomically(join(folder, SWEEP_FILES.table), sweepCsv(report));
  await writeFileAtomically(page, sweepPage(report));
  await writeFileAtomically(join(folder, SWEEP_FILES.report), `${JSON.stringify(report, null, 2)}\n`);
  return { folder, page, report, unfinished: summary.unfinished };
}

/** The summary while it is computed: only one setting besides the baseline is in memory at a time. */
class Summary {
  readonly unfinished: string[] = [];
  readonly #folder: string;
  readonly #sweep: Sweep;
  readonly #baseline: string;
  readonly #context: Context;
  #frame: Frame | undefined;
  readonly #rows = new Map<string, SweepRowReport>();

  constructor(folder: string, sweep: Sweep, baseline: string, context: Context) {
    this.#folder = folder;
    this.#sweep = sweep;
    this.#baseline = baseline;
    this.#context = context;
  }

  async report(): Promise<SweepReport> {
    const { facts, details, units, cancernet } = this.#sweep;
    const rows = rowsOfWork(units);
    const bySetting = Map.groupBy(rows, ({ setting }) => setting);
    const settings = new Map<string, SettingReport>();
    const differences = new Map<string, DifferenceReport>();
    const order = [this.#baseline, ...[...bySetting.keys()].filter((name) => name !== this.#baseline)];
    let first: AssessedRow[] = [];
    for (const [index, name] of order.entries()) {
      const own = bySetting.get(name)!;
      const assessed = await this.#assessed(own);
      settings.set(name, settingReport(name, own[0]!.options as SettingReport["options"], assessed));
      if (index === 0) first = assessed;
      else if (this.#frame) {
        const baseline = { name: this.#baseline, rows: first };
        differences.set(name, differenceReport(this.#frame, baseline, { name, rows: assessed }));
      }
      this.#context.reporter.progress({ task: "compare", done: index + 1, total: order.length, unit: "settings" });
    }
    const names = [...bySetting.keys()];
    return {
      folds: facts.folds ?? null,
      classes: details.class_names,
      ...this.#tested(),
      baseline: this.#baseline,
      settings: names.map((name) => settings.get(name)!),
      differences: names.flatMap((name) => differences.get(name) ?? []),
      rows: rows.map(({ name }) => this.#rows.get(name)!),
      dataset: { folder: details.dataset, sha256: facts.dataset_sha256, records_sha256: facts.records_sha256 },
      device: facts.device,
      command: details.command,
      software: cancernet,
      notice: RESEARCH_USE_NOTICE,
    };
  }

  /** The rows of a setting that are done. */
  async #assessed(rows: readonly SweepRow[]): Promise<AssessedRow[]> {
    const done: AssessedRow[] = [];
    for (const row of rows) {
      await aTurn();
      this.#context.signal.throwIfAborted();
      const state = await readRow(this.#folder, this.#sweep, row, this.#context);
      const { setting, seed, name } = row;
      const facts = { setting, seed, folder: name, status: state.status, error: null, metrics: null };
      if (state.status === "done") {
        const frame = this.#frameFor(testedPatchesOf(state.answers));
        const place = join(this.#folder, name);
        const assessed = assessRow(frame, seed, answersIn(frame.patches, state.answers, place));
        this.#rows.set(name, { ...facts, metrics: valuesOf(assessed) });
        done.push(assessed);
      } else if (state.status === "failed") this.#rows.set(name, { ...facts, error: state.error });
      else {
        this.unfinished.push(...state.units);
        this.#rows.set(name, facts);
      }
    }
    return done;
  }

  #frameFor(patches: SweptPatches): Frame {
    this.#frame ??= frameOf(patches, this.#sweep.facts.folds !== undefined);
    return this.#frame;
  }

  #tested(): Pick<SweepReport, "patches" | "cases" | "intervals" | "case_sizes"> {
    if (!this.#frame) return { patches: null, cases: null, intervals: null, case_sizes: null };
    const { cases } = this.#frame.patches;
    const named = new Set(cases.filter((name) => name !== "")).size;
    return { patches: cases.length, cases: named, intervals: intervalsOver(named), case_sizes: caseSizesOf(cases) };
  }
}
