/** The tables of a dataset: its splits, its cases, and what was left out. */

import { SPLITS } from "../../../../histology/dataset/split_names.ts";
import { counted, whole } from "../../../../util/numbers.ts";
import type { DatasetFacts } from "../../../api/datasets.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { setView } from "../../state/route.ts";

interface TableProps {
  readonly item: DatasetItem;
  readonly facts: DatasetFacts;
}

export function DatasetTables({ item, facts }: TableProps) {
  const leftOut = facts.leftOut.reduce((sum, { files }) => sum + files, 0);
  const cases = facts.cases.filter((one) => one.case !== "");
  return (
    <div class="dataset-tables">
      <Splits item={item} />
      {cases.length > 0 && (
        <details>
          <summary>{counted(cases.length, "case")}</summary>
          <Cases item={item} cases={cases} />
        </details>
      )}
      <details>
        <summary>{leftOut === 0 ? "Nothing was left out" : `${counted(leftOut, "file")} left out`}</summary>
        <LeftOutFiles facts={facts} />
      </details>
    </div>
  );
}

function Splits({ item: { counts, classNames, splitMethod } }: { readonly item: DatasetItem }) {
  return (
    <div class="wide">
      <table>
        <caption>{SPLIT_WORDS[splitMethod] ?? splitMethod}</caption>
        <thead>
          <tr>
            <th scope="col">Split</th>
            {["Cases", "Patches", ...classNames].map((title) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {SPLITS.map((split) => (
            <tr key={split}>
              <th scope="row">{split}</th>
              <td class="number">{whole(counts[split].cases)}</td>
              <td class="number">{whole(counts[split].patches)}</td>
              <td class="number">{whole(counts[split].no_idc)}</td>
              <td class="number">{whole(counts[split].idc)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SPLIT_WORDS: Readonly<Record<string, string>> = {
  case: "Split by whole cases",
  lists: "Split by lists of cases",
  patch: "Split by single patches",
  folders: "Split by the source's folders",
};

function Cases({ item: { classNames }, cases }: { readonly item: DatasetItem; readonly cases: DatasetFacts["cases"] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus can be scrolled by keys.
    <section class="tall" tabIndex={0} aria-label="Cases">
      <table>
        <thead>
          <tr>
            <th scope="col">Case</th>
            <th scope="col">Split</th>
            {["Patches", ...classNames].map((title) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cases.map((one) => (
            <tr key={one.case}>
              <th scope="row">
                <button type="button" class="quiet" onClick={() => setView({ case: one.case })}>
                  {one.case}
                </button>
              </th>
              <td>{one.split ?? "several"}</td>
              <td class="number">{whole(one.patches)}</td>
              <td class="number">{whole(one.negative)}</td>
              <td class="number">{whole(one.positive)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LeftOutFiles({ facts: { leftOut, leftOutExamples } }: { readonly facts: DatasetFacts }) {
  if (leftOut.length === 0) return <p class="muted">Every file of the source is a patch of the dataset.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus can be scrolled by keys.
    <section class="tall" tabIndex={0} aria-label="Left out">
      <ul>
        {leftOut.map(({ words, files }) => (
          <li key={words}>
            {words}: {counted(files, "file")}
          </li>
        ))}
      </ul>
      <table>
        <caption>{leftOutExamples.length < 200 ? "As in rejected.csv" : "The first 200 rows of rejected.csv"}</caption>
        <thead>
          <tr>
            <th scope="col">Path</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {leftOutExamples.map(({ path, reason }) => (
            <tr key={path}>
              <td>{path}</td>
              <td>{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
