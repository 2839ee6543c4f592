/** The runs of the folder. */
import type { RunItem } from "../../../api/items.ts";
import { HeadedTable } from "../../../look/scrolling.tsx";
import { Link } from "../../parts/basics.tsx";
import { itemOf, itemsOf } from "../../state/items.ts";
import { goTo } from "../../state/route.ts";
import { jobsOf } from "./use_training.ts";
import { METRIC_DIGITS, stateWords } from "./words.ts";

const COLUMNS = ["Run", "State", "Model", "Recipe", "Epochs", "Dataset", "Validation AUROC"];

export function RunList() {
  const runs = itemsOf("run").toSorted((a, b) => b.changed - a.changed);
  return (
    <>
      <h1>Runs</h1>
      <p>
        <button type="button" class="primary" onClick={() => goTo("/jobs/new?verb=train")}>
          Train a model
        </button>
      </p>
      {runs.length === 0 ? (
        <p class="muted">There is no run in this folder yet: train a model, then it is here.</p>
      ) : (
        <HeadedTable label="Runs" columns={COLUMNS}>
          {runs.map((item) => (
            <RunRow key={item.id} item={item} />
          ))}
        </HeadedTable>
      )}
    </>
  );
}

function RunRow({ item }: { readonly item: RunItem }) {
  const { id, path, problem, architecture, recipe, epochs, valAuroc } = item;
  if (problem !== undefined) {
    return (
      <tr>
        <th scope="row">{path}</th>
        <td colSpan={COLUMNS.length - 1} class="alert">
          {problem}
        </td>
      </tr>
    );
  }
  const dataset = item.dataset === null ? undefined : itemOf("dataset", item.dataset);
  return (
    <tr>
      <th scope="row">
        <Link to={`/runs/${id}`}>{path}</Link>
      </th>
      <td>{stateWords(item, jobsOf(path).at(-1))}</td>
      <td>{architecture}</td>
      <td>{recipe}</td>
      <td>{epochs}</td>
      <td>{dataset ? <Link to={`/datasets/${dataset.id}`}>{dataset.path}</Link> : "–"}</td>
      <td>{valAuroc?.toFixed(METRIC_DIGITS) ?? "–"}</td>
    </tr>
  );
}
