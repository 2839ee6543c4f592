/** A name for the results of a slide that is not taken yet. */

/** "slides/a b.svs" gives "a b-scored", or "a b-scored-2" if that is taken. Only signs that every system takes remain. */
export function freeResultName(path: string, taken: readonly string[]): string {
  const file = path
    .split("/")
    .at(-1)!
    .replace(/\.[^.]+$/, "");
  const stem =
    file
      .replace(/[^\p{L}\p{N} ._-]/gu, "-")
      .replace(/^[ ._-]+/, "")
      .slice(0, 80) || "slide";
  for (let number = 1; ; number++) {
    const name = `${stem}-scored${number === 1 ? "" : `-${number}`}`;
    if (!taken.includes(name)) return name;
  }
}
