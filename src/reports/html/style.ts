/** The style sheet of all pages: for screens of any width, light or dark, and for print. */
import { variablesOf } from "./colours.ts";
import { Html } from "./html.ts";

export const STYLE = Html.trusted(`
:root { color-scheme: light; ${variablesOf("light")} }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; ${variablesOf("dark")} }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.3rem; margin: 2.2rem 0 .6rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
p, li { max-width: 46rem; }
a { color: var(--link); }
.notice { border: 2px solid var(--alert); border-radius: 4px; padding: .5rem .8rem; font-weight: bold; max-width: none; }
.warning { border-left: 4px solid var(--alert); padding: .2rem .8rem; background: var(--alert-page); }
nav ul { columns: 13rem; padding-left: 1.2rem; margin: .5rem 0; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; min-width: min(100%, 36rem); }
caption { text-align: left; caption-side: top; padding: 0 0 .4rem; color: var(--muted); position: sticky; left: 0; max-width: min(46rem, 100vw - 2rem); }
th, td { padding: .28rem .5rem;  text-align: left; vertical-align: top; border-bottom: 1px solid var(--cell-line); }
thead th { border-bottom: 2px solid var(--strong-line); vertical-align: bottom; }
tbody th { font-weight: normal; overflow-wrap: anywhere; min-width: 6.2rem; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; }
.numbers td { white-space: nowrap; }
.words th { min-width: 8rem; }
.words td { min-width: 12rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; }
figcaption { font-size: .9rem; color: var(--muted); max-width: 34rem; }
.chart svg { display: block; width: 100%; max-width: 27rem; height: auto; }
.chart svg text, .legend svg text { font-family: "DejaVu Sans", Verdana, system-ui, sans-serif; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: .8rem; list-style: none; padding: 0; max-width: none; }
.pictures img { display: block; width: 100px; height: 100px; border: 1px solid var(--chart-frame); }
.pictures figcaption { font-size: .78rem; line-height: 1.3; overflow-wrap: anywhere; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem 2rem; }
.map { display: block; max-width: 100%; height: auto; }
.legend { width: 22rem; max-width: 100%; }
.legend svg { display: block; width: 100%; height: auto; }
code, pre { font: .88rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: var(--code-page); padding: .6rem .8rem; border-radius: 4px; }
@media (max-width: 30rem) {
  table { font-size: .84rem; }
  th, td { padding: .28rem .3rem; }
}
@media print {
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2, h3, caption { break-after: avoid; }
  h3 + p { break-after: avoid; }
  figure, .wide, tr, .notice, .warning, pre { break-inside: avoid; }
  .wide { overflow: visible; }
  table { min-width: 24rem; font-size: 9pt; }
  th, td { padding: .15rem .5rem; }
  .charts { grid-template-columns: 1fr 1fr; }
  .chart svg { max-width: 9cm; }
  .pictures { grid-template-columns: repeat(6, 1fr); }
  .pictures img { width: 24mm; height: 24mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`);
