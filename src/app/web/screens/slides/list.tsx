/** The slides of the folder, with the results that they have. */
import { counted, fixed } from "../../../../util/numbers.ts";
import type { SlideResultItem } from "../../../api/items.ts";
import { Link } from "../../parts/basics.tsx";
import { items, itemsOf } from "../../state/items.ts";

/** The results of a slide, the newest first. */
export function resultsOf(slide: string): SlideResultItem[] {
  return itemsOf("slide-result")
    .filter((result) => result.slide === slide && result.problem === undefined)
    .sort((a, b) => b.changed - a.changed);
}

export function AllSlides() {
  if (!items.value) return <p class="muted">Loading...</p>;
  const slides = itemsOf("slide");
  return (
    <>
      <h1>Slides</h1>
      {slides.length === 0 && (
        <p class="muted">There is no slide in this folder: copy one here, such as an SVS, NDPI or TIFF file.</p>
      )}
      <ul class="slide-list">
        {slides.map(({ id, path, bytes }) => {
          const results = resultsOf(id);
          return (
            <li key={id}>
              <Link to={`/slides/${id}`}>{path}</Link>{" "}
              <span class="muted">
                {fixed(bytes / 1e6, 1)} MB, {results.length === 0 ? "not scored" : counted(results.length, "result")}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}
