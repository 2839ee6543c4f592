/** The queue: what to look at next. The list of datasets, the start of a queue, or a page of it. */
import { Link, Problem } from "../../parts/basics.tsx";
import { itemOf, items, itemsOf } from "../../state/items.ts";
import { route } from "../../state/route.ts";
import { QueuePageView } from "./page.tsx";
import { QueueStart } from "./start.tsx";
import { pageQuery } from "./view.ts";
import "./queue.css";

export function QueueScreen() {
  const { id, view } = route.value;
  if (!items.value) return <p class="muted">Loading...</p>;
  if (id === "") return <DatasetChoice title="What to look at next" screen="queue" />;
  const item = itemOf("dataset", id);
  if (!item) return <Problem>There is no dataset of that id in the studio's folder.</Problem>;
  if (item.problem !== undefined) return <Problem>{item.problem}</Problem>;
  const query = pageQuery(view);
  const key = `${item.id} ${item.manifestSha256}`;
  if (!query) return <QueueStart key={key} item={item} />;
  return <QueuePageView key={`${key} ${JSON.stringify(query)}`} item={item} query={query} />;
}

/** The datasets as links to a screen. */
export function DatasetChoice({ title, screen }: { readonly title: string; readonly screen: string }) {
  const datasets = itemsOf("dataset").filter(({ problem }) => problem === undefined);
  return (
    <>
      <h1>{title}</h1>
      <p class="muted">{datasets.length === 0 ? "There is no dataset in the studio's folder." : "Of which dataset?"}</p>
      <ul>
        {datasets.map(({ id, path }) => (
          <li key={id}>
            <Link to={`/${screen}/${id}`}>{path}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}
