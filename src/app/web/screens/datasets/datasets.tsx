/** The datasets screen: the list, or one dataset. */

import { SPLITS } from "../../../../histology/dataset/split_names.ts";
import { counted, whole } from "../../../../util/numbers.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { Link, Problem } from "../../parts/basics.tsx";
import { itemOf, items, itemsOf } from "../../state/items.ts";
import { route } from "../../state/route.ts";
import { DatasetView } from "./dataset.tsx";
import "./datasets.css";

export function DatasetsScreen() {
  const { id } = route.value;
  if (!items.value) return <p class="muted">Loading...</p>;
  if (id === "") return <DatasetList />;
  const item = itemOf("dataset", id);
  if (!item) return <Problem>There is no dataset of that id in the studio's folder.</Problem>;
  if (item.problem !== undefined) return <Problem>{item.problem}</Problem>;
  return <DatasetView key={`${item.id} ${item.manifestSha256}`} item={item} />;
}

function DatasetList() {
  const datasets = itemsOf("dataset");
  return (
    <>
      <h1>Datasets</h1>
      {datasets.length === 0 ? (
        <p class="muted">
          There is no dataset in the studio's folder. Make one with <code>cancernet prepare FOLDER --out dataset</code>.
        </p>
      ) : (
        <div class="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Dataset</th>
                {SPLITS.map((split) => (
                  <th key={split} scope="col" class="number">
                    {split}
                  </th>
                ))}
                <th scope="col" class="number">
                  Left out
                </th>
              </tr>
            </thead>
            <tbody>
              {datasets.map((item) => (
                <DatasetRow key={item.id} item={item} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function DatasetRow({ item: { id, path, problem, counts, rejected } }: { readonly item: DatasetItem }) {
  if (problem !== undefined) {
    return (
      <tr>
        <th scope="row">{path}</th>
        <td colSpan={SPLITS.length + 1} class="alert">
          {problem}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <th scope="row">
        <Link to={`/datasets/${id}`}>{path}</Link>
      </th>
      {SPLITS.map((split) => (
        <td key={split} class="number">
          {counted(counts[split].patches, "patch")}
          <br />
          <span class="muted">{counted(counts[split].cases, "case")}</span>
        </td>
      ))}
      <td class="number">{whole(Object.values(rejected).reduce((sum, files) => sum + files, 0))}</td>
    </tr>
  );
}
