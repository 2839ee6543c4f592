/** A report as a document of HTML around its sections: title, notice, contents, style; what the sections say is left to others. */
import { type Section, sectionElement } from "./elements.ts";
import { html } from "./html.ts";
import { STYLE } from "./style.ts";

/** Nothing is fetched and no script runs, whatever names the files have. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** What a document is made of. */
export interface Document {
  readonly title: string;
  readonly sections: readonly Section[];
  readonly notice: string;
  /** What wrote it, with its version. */
  readonly software: string | undefined;
}

/** The document's text. */
export function documentText({ title, sections, notice, software }: Document): string {
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
<p class="notice">${notice}</p>
<nav aria-label="Contents"><ul>
${sections.map(({ id, title: heading }) => html`<li><a href="#${id}">${heading}</a></li>\n`)}</ul></nav>
</header>
<main>
${sections.map(sectionElement)}</main>
<footer><p>${notice} Written by ${software}.</p></footer>
</body>
</html>
`.toString();
}
