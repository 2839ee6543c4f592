/** Markup that is safe by construction: the template `html` escapes every inserted value that is not already markup. */

/** A piece of markup. Only this file creates it: from the template, or from a text that the caller declares safe. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** The template: `html`<td>${caseId}</td>``. Arrays are joined; null, undefined and false give an empty text. */
  static template(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
    return new Html(strings.map((part, index) => part + markupOf(values[index])).join(""));
  }

  /**
   * Uses a text as markup without escaping. Only for markup that our code builds from numbers, and for drawings, which
   * are escaped when they are rendered.
   */
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

/**
 * Escapes text and quoted attributes. Control characters and characters that change the direction of text become
 * "\ufffd".
 */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(/[\p{Bidi_Control}\p{Cs}]|(?![\t\n])\p{Cc}/gu, "\ufffd");
}
