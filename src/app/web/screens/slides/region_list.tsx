/** The regions at the threshold, the largest first; choosing one shows it. */
import { fixed, whole } from "../../../../util/numbers.ts";
import type { ProbabilityMap } from "../../../api/slides.ts";
import type { MapNumbers } from "./map_numbers.ts";

/** More rows are of no use to a person, and slow. */
const MOST_SHOWN = 200;

interface ListProps {
  readonly map: ProbabilityMap;
  readonly numbers: MapNumbers;
  /** Its place in the list, from 1. */
  readonly chosen: number | undefined;
  readonly choose: (number: number) => void;
}

export function RegionList({ map, numbers: { regions, cellArea }, chosen, choose }: ListProps) {
  const shown = regions.slice(0, MOST_SHOWN);
  return (
    <section>
      <h2>Regions</h2>
      {regions.length === 0 && <p class="muted">No patch is at or above the threshold.</p>}
      {regions.length > 0 && <p class="muted">The keys [ and ] go from one to the next.</p>}
      <ol class="regions" aria-label={`Regions of ${map.classNames[1]}`}>
        {shown.map(({ patches, meanProbability, maxProbability }, index) => (
          <li key={index}>
            <button type="button" aria-pressed={chosen === index + 1} onClick={() => choose(index + 1)}>
              {index + 1}: {cellArea === null ? `${whole(patches)} patches` : `${fixed(patches * cellArea, 3)} mm²`}
              <span class="muted">
                {" "}
                mean {fixed(meanProbability, 2)}, most {fixed(maxProbability, 2)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {regions.length > shown.length && (
        <p class="muted">
          The {whole(shown.length)} largest of {whole(regions.length)} are listed.
        </p>
      )}
    </section>
  );
}
