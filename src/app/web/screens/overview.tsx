/** The first screen: what is in the folder, and what to do next. */
import { counted } from "../../../util/numbers.ts";
import type { Item } from "../../api/items.ts";
import { Link } from "../parts/basics.tsx";
import { items, itemsOf } from "../state/items.ts";
import { session } from "../state/session.ts";

export function Overview() {
  if (!items.value) return <p class="muted">Loading...</p>;
  return (
    <>
      <h1>{session.value?.folder}</h1>
      <List title="Datasets" items={itemsOf("dataset")} />
      <List title="Runs" items={itemsOf("run")} />
      <List title="Slides" items={itemsOf("slide")} />
    </>
  );
}

function List({ title, items }: { readonly title: string; readonly items: readonly Item[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <p class="muted">{counted(items.length, "item")}</p>
      <ul>
        {items.map(({ id, kind, path, problem }) => (
          <li key={id}>
            {kind === "dataset" ? (
              <>
                {path} <Link to={`/datasets/${id}`}>Look at the patches</Link>
              </>
            ) : (
              path
            )}{" "}
            {problem && <span class="alert">{problem}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
