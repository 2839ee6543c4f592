/** A page of HTML that opens without a network: heading, notice, contents and sections; what they say is left to others. */
import { type Section, sectionElement } from "./elements.ts";
import { html } from "./html.ts";
import { STYLE } from "./style.ts";

/** Nothing is fetched and no script runs, whatever names the files have. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export interface Page {
  readonly title: string;
  /** Shown above and below everything else. */
  readonly notice: string;
  /** Those that are null are left out. */
  readonly sections: readonly (Section | null)[];
  /** The program that wrote it. */
  readonly software: string | undefined;
}

/** The page's text. */
export function pageText({ title, notice, sections, software }: Page): string {
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
<p class="notice">${notice}</p>
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
