/** Markup that is safe by construction: whatever is put into the template `html` is escaped, unless it is markup already. */

/** A piece of markup. Only this file makes them: by the template, or from a text that its caller trusts. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** The template: `html`<td>${caseId}</td>``. Arrays are joined; null, undefined and false are nothing. */
  static template(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
    return new Html(strings.map((part, index) => part + markupOf(values[index])).join(""));
  }

  /** Markup as it is, for what is made by us of numbers alone, and for drawings, which are escaped where they are made. */
  static trusted(markup: string): Html {
    return new Html(markup);
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

export const html = Html.template;

function markupOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.map(markupOf).join("");
  return escaped(String(value));
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** For text and for attributes in quotes. What would control the text's direction, or nothing at all, becomes "\ufffd". */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(/[\p{Bidi_Control}\p{Cs}]|(?![\t\n])\p{Cc}/gu, "\ufffd");
}
