/** The detailed sections: each case, the most confident errors, the hardest cases. */
import { counted, whole } from "../../util/numbers.ts";
import { type ClassWords, classWords } from "../class_words.ts";
import { cell, decimal, percent, type Section, tableElement } from "../html/elements.ts";
import { type Html, type HtmlValue, html } from "../html/html.ts";
import type { ShownPatch } from "./gallery.ts";
import type { Likeness } from "./likeness.ts";
import type { CaseRow, EvaluationReport } from "./report.ts";

/** Pictures of patches as data URIs, by patch id. */
export type Pictures = ReadonlyMap<string, string>;

export function casesSection({ by_case, model, likeness }: EvaluationReport): Section {
  return caseSection(by_case, classWords(model.class_names), likeness?.examined ? [distanceColumn(likeness)] : []);
}

/** The distance of each case from the training's cases; a case beyond the limit is marked. */
function distanceColumn({ cases, limit }: Extract<Likeness, { examined: true }>) {
  const found = new Map(cases.map((one) => [one.case, one]));
  return {
    title: `distance from the training's cases (limit ${cell(limit, 2)})`,
    cell: (row: CaseRow) => {
      const own = found.get(row.case);
      return own ? `${cell(own.distance, 2)}${own.beyond ? " (unlike)" : ""}` : cell(null);
    },
  };
}

/** The table of cases. `more` adds columns after the standard ones. */
export function caseSection<R extends CaseRow>(
  rows: readonly R[],
  { share }: ClassWords,
  more: readonly { readonly title: string; readonly cell: (row: R) => HtmlValue }[],
): Section {
  const content =
    rows.length === 0
      ? html`<p>The dataset names no cases.</p>`
      : tableElement({
          caption:
            "Each case. A rate of few patches is uncertain, so that the best and the worst case are partly chance; AUROC needs both classes; a dash means that the number is not defined.",
          columns: [
            ...["case", "patches", share, "AUROC", "sensitivity", "specificity"],
            ...more.map(({ title }) => title),
          ],
          rows: rows.map((row) => [
            row.case,
            whole(row.patches),
            percent(row.idc_share),
            cell(row.auroc),
            cell(row.sensitivity),
            cell(row.specificity),
            ...more.map((column) => column.cell(row)),
          ]),
        });
  return { id: "cases", title: "By case", content };
}

export function gallerySection({ gallery, model }: EvaluationReport, pictures: Pictures): Section {
  const { false_positives, false_negatives, hardest_cases } = gallery;
  const words = classWords(model.class_names);
  const { negative, positive } = words;
  const show = (patches: readonly ShownPatch[]) => picturesElement(patches, pictures, words);
  const content = html`
<p>Under each patch: the ${words.probabilityOf}, its label, its id. A mistake may also be the label's${
    words.published
      ? `: outlines drawn on a whole slide take in
fat, glass and healthy tissue at their edges`
      : null
  }.</p>
<h3>Called ${positive}, labelled ${negative}: the surest false positives</h3>
${show(false_positives)}
<h3>Called ${negative}, labelled ${positive}: the surest false negatives</h3>
${show(false_negatives)}
${hardest_cases.map(
  (one) => html`<h3>Hard case ${one.case}</h3>
<p>Brier score ${decimal(one.brier)} over ${counted(one.patches, "patch")}; those furthest from their labels:</p>
${show(one.worst)}`,
)}`;
  return { id: "gallery", title: "Most confident errors and hard cases", content };
}

function picturesElement(patches: readonly ShownPatch[], pictures: Pictures, words: ClassWords): Html {
  if (patches.length === 0) return html`<p>None.</p>`;
  return html`<ul class="pictures">
${patches.map((patch) => {
  const { id } = patch;
  const label = patch.label === 1 ? words.positive : words.negative;
  const probability = decimal(patch.probability);
  return html`<li><figure><img src="${pictures.get(id)}" width="100" height="100"
alt="Patch ${id}, labelled ${label}, ${words.probabilityOf} ${probability}"><figcaption><b>${probability}</b>, ${label}<br>${id}</figcaption></figure></li>
`;
})}</ul>
`;
}
