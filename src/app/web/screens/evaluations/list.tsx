/** The evaluations of the folder; two or more can be chosen to be compared. */
import { computed } from "@preact/signals";
import { counted } from "../../../../util/numbers.ts";
import type { EvaluationItem } from "../../../api/items.ts";
import { HeadedTable } from "../../../look/scrolling.tsx";
import { Link } from "../../parts/basics.tsx";
import { items, itemsOf } from "../../state/items.ts";
import { goTo, route, setView } from "../../state/route.ts";
import { Num } from "./number.tsx";

/** The ids of the chosen evaluations, in the order in which they were chosen. */
const chosen = computed(() => (route.value.view.chosen ?? "").split(",").filter((id) => id !== ""));

function choose(id: string, isChosen: boolean): void {
  const others = chosen.value.filter((one) => one !== id);
  setView({ chosen: (isChosen ? [...others, id] : others).join(",") });
}

export function EvaluationList() {
  if (!items.value) return <p class="muted">Loading...</p>;
  const evaluations = itemsOf("evaluation");
  const picked = chosen.value.filter((id) => evaluations.some((one) => one.id === id));
  return (
    <>
      <h1>Evaluations</h1>
      {evaluations.length === 0 && (
        <p class="muted">There is no evaluation in this folder yet: evaluate a run, then it is here.</p>
      )}
      {evaluations.length > 1 && (
        <p class="row">
          <button
            type="button"
            class="primary"
            disabled={picked.length < 2}
            onClick={() => goTo(`/evaluations/compare?ids=${picked.join(",")}`)}
          >
            Compare {picked.length > 1 ? counted(picked.length, "evaluation") : ""}
          </button>
          <span class="muted">Choose two or more of the same patches. The first that you choose is the baseline.</span>
        </p>
      )}
      {evaluations.length > 0 && <EvaluationTable evaluations={evaluations} picked={picked} />}
    </>
  );
}

interface TableProps {
  readonly evaluations: readonly EvaluationItem[];
  readonly picked: readonly string[];
}

function EvaluationTable({ evaluations, picked }: TableProps) {
  return (
    <HeadedTable label="Evaluations" columns={["compare", "evaluation", "model", "split", "patches", "cases", "AUROC"]}>
      {evaluations.map((item) => (
        <EvaluationRow key={item.id} item={item} place={picked.indexOf(item.id)} />
      ))}
    </HeadedTable>
  );
}

function EvaluationRow({ item, place }: { readonly item: EvaluationItem; readonly place: number }) {
  const { id, path, problem } = item;
  if (problem !== undefined) {
    return (
      <tr>
        <td />
        <th scope="row">{path}</th>
        <td colSpan={5} class="alert">
          {problem}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <td>
        <label>
          <input
            type="checkbox"
            aria-label={`Compare ${path}`}
            checked={place >= 0}
            onChange={(event) => choose(id, event.currentTarget.checked)}
          />{" "}
          {place === 0 ? "baseline" : place > 0 ? `no. ${place + 1}` : ""}
        </label>
      </td>
      <th scope="row">
        <Link to={`/evaluations/${id}`}>{path}</Link>
      </th>
      <td>{item.model}</td>
      <td>{item.split}</td>
      <td>{item.patches.toLocaleString("en-US")}</td>
      <td>{item.cases}</td>
      <td>
        <Num value={item.auroc} />
      </td>
    </tr>
  );
}
