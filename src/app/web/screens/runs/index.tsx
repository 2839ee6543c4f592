/** The screen of runs: the list, or one run. */
import "./runs.css";
import { Problem } from "../../parts/basics.tsx";
import { itemOf, items } from "../../state/items.ts";
import { route } from "../../state/route.ts";
import { RunList } from "./list.tsx";
import { RunView } from "./run.tsx";

export function RunsScreen() {
  const { id } = route.value;
  if (!items.value) return <p class="muted">Loading...</p>;
  if (id === "") return <RunList />;
  const item = itemOf("run", id);
  if (!item) return <Problem>There is no run of that id in the studio's folder.</Problem>;
  if (item.problem !== undefined) return <Problem>{item.problem}</Problem>;
  return <RunView key={id} item={item} />;
}
