/**
 * The named colours of pages, in a light and a dark version. A page follows the reader's system setting; print always
 * uses the light version.
 */

/**
 * [light, dark]. The contrast with the background is at least 4.5 to 1 for text and 3 to 1 for chart lines (WCAG 2.2).
 */
export const COLOURS = {
  page: ["#ffffff", "#121416"],
  text: ["#1a1a1a", "#e8e8e8"],
  muted: ["#444444", "#b8b8b8"],
  link: ["#00548a", "#7db8f0"],
  alert: ["#a33b00", "#ff9e6d"],
  "alert-page": ["#fdf1e9", "#33201a"],
  "code-page": ["#f4f4f4", "#202327"],
  line: ["#cccccc", "#3c4045"],
  "cell-line": ["#dddddd", "#303439"],
  "strong-line": ["#888888", "#7a7f85"],
  "chart-text": ["#222222", "#dddddd"],
  "chart-blue": ["#0072b2", "#56b4e9"],
  "chart-vermilion": ["#d55e00", "#f28e4f"],
  "chart-green": ["#009e73", "#2fc99a"],
  "chart-grey": ["#666666", "#a0a0a0"],
  "chart-axis": ["#888888", "#8a8f95"],
  "chart-frame": ["#bbbbbb", "#565b61"],
  "chart-grid": ["#e6e6e6", "#2a2d31"],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

export type ColourName = keyof typeof COLOURS;

/** The CSS variables of a colour scheme: "--page: #ffffff; ...". */
export function variablesOf(scheme: "light" | "dark"): string {
  const place = scheme === "light" ? 0 : 1;
  return Object.entries(COLOURS)
    .map(([name, pair]) => `--${name}: ${pair[place]};`)
    .join(" ");
}

/**
 * Maps the colours of our chart specifications and of Vega's defaults to names. Other colours belong to colour maps and
 * are kept.
 */
const IN_CHARTS: Readonly<Record<string, ColourName>> = {
  white: "page",
  black: "chart-text",
  "#000": "chart-text",
  "#000000": "chart-text",
  "#222222": "chart-text",
  "#333333": "chart-text",
  "#0072b2": "chart-blue",
  "#d55e00": "chart-vermilion",
  "#009e73": "chart-green",
  "#555555": "chart-grey",
  "#666666": "chart-grey",
  "#888": "chart-axis",
  "#888888": "chart-axis",
  "#bbbbbb": "chart-frame",
  "#ddd": "chart-frame",
  "#e6e6e6": "chart-grid",
};

/** Replaces the colours of an SVG drawing with CSS variables, which the surrounding page defines. */
export function withVariables(svg: string): string {
  return svg.replace(/ (fill|stroke)="([^"]*)"/g, (whole, attribute: string, colour: string) => {
    const name = IN_CHARTS[colour.toLowerCase()];
    return name ? ` ${attribute}="var(--${name})"` : whole;
  });
}
