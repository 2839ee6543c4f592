/**
 * The frame of an HTML page that opens without a network: heading, notice, table of contents and sections. The callers
 * provide the content.
 */
import { type Section, sectionElement } from "./elements.ts";
import { html } from "./html.ts";
import { STYLE } from "./style.ts";

/** Content-Security-Policy: the page fetches nothing and runs no scripts, even if file names contain markup. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export interface Page {
  readonly title: string;
  /** What a reader must know before everything else; the first line below the title. */
  readonly statement?: string | undefined;
  /** Shown at the top and at the bottom of the page. */
  readonly notice: string;
  /** Null sections are skipped. */
  readonly sections: readonly (Section | null)[];
  /** The program that wrote the page. */
  readonly software: string | undefined;
}

/** Returns the HTML of the page. */
export function pageText({ title, statement, notice, sections, software }: Page): string {
  const shown = sections.filter((section) => section !== null);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${
  statement === undefined
    ? null
    : html`<p class="warning">${statement}</p>
`
}<p class="notice">${notice}</p>
<nav aria-label="Contents"><ul>
${shown.map(({ id, title: heading }) => html`<li><a href="#${id}">${heading}</a></li>\n`)}</ul></nav>
</header>
<main>
${shown.map(sectionElement)}</main>
<footer><p>${notice} Written by ${software}.</p></footer>
</body>
</html>
`.toString();
}
