/** Building blocks of pages - sections, tables, figures - and the formatting of numbers. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import { fixed } from "../../util/numbers.ts";
import type { Estimate } from "../estimate.ts";
import { keptWordsOf } from "../training/kept_text.ts";
import { type Html, type HtmlValue, html } from "./html.ts";

/** Shown instead of an undefined number. */
const UNDEFINED = "not defined";

/** A rate or a probability; three decimals by default. */
export function decimal(value: number | null, digits = 3): string {
  return value === null ? UNDEFINED : fixed(value, digits);
}

/** "24.0 %". */
export function percent(value: number | null): string {
  return value === null ? UNDEFINED : `${(100 * value).toFixed(1)}\u00a0%`;
}

/** A number in a table; a dash if it is undefined. */
export function cell(value: number | null, digits = 3): string {
  return value === null ? "\u2013" : fixed(value, digits);
}

/** "0.880 to 0.930" in a table; a dash if it is undefined. */
export function intervalCell(estimate: Estimate): string {
  return estimate.low === null ? "\u2013" : range(estimate);
}

/** "0.880 to 0.930", or "not defined". */
export function range({ low, high }: Estimate): string {
  return low === null || high === null ? UNDEFINED : `${decimal(low)} to ${decimal(high)}`;
}

/** "0.906 (95 % interval 0.880 to 0.930)". */
export function withInterval(estimate: Estimate): string {
  if (estimate.value === null) return UNDEFINED;
  return `${decimal(estimate.value)} (95 % interval ${range(estimate)})`;
}

/** "recipe default, epoch 12, the last": how a model was made. The epoch is left out if it is unknown. */
export function madeBy({ recipe, ...card }: Pick<ModelCard, "recipe" | "epoch" | "mean_from" | "kept">): string {
  const kept = keptWordsOf(card);
  return kept === undefined ? `recipe ${recipe}` : `recipe ${recipe}, ${kept}`;
}

/** A section of the page with a heading, listed in the table of contents. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: HtmlValue;
}

export function sectionElement({ id, title, content }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}

/**
 * The content of a table. The first cell of a row is its heading. The other cells are numbers unless `words` is set.
 */
export interface Table {
  readonly caption: HtmlValue;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly HtmlValue[])[];
  readonly words?: boolean;
}

export function tableElement({ caption, columns, rows, words = false }: Table): Html {
  return html`<div class="wide"><table class="${words ? "words" : "numbers"}">
<caption>${caption}</caption>
<thead><tr>${columns.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(rowElement)}</tbody>
</table></div>
`;
}

function rowElement([heading, ...cells]: readonly HtmlValue[]): Html {
  return html`<tr><th scope="row">${heading}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`;
}

/** A drawing with its caption; null if there is no drawing. */
export function figureElement(drawing: Html | undefined, caption: HtmlValue): Html | null {
  if (!drawing) return null;
  return html`<figure class="chart">${drawing}<figcaption>${caption}</figcaption></figure>
`;
}
