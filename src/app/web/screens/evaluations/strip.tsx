/** The patches of the selected cell or bin: how many, the first ones, and the way to all of them. */
import { counted } from "../../../../util/numbers.ts";
import type { Judgement } from "./judgement.ts";
import { selectedPatches } from "./selection.ts";

export function SelectedPatches({ judgement }: { readonly judgement: Judgement }) {
  const { selected, columns, threshold } = judgement;
  if (!selected.value) return null;
  const patches = selectedPatches(columns, selected.value, threshold.value);
  return (
    <section aria-labelledby="patches-title" class="card">
      <h2 id="patches-title">{counted(patches.length, "patch")}</h2>
    </section>
  );
}
