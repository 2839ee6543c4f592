/** Starts a queue: by which model's probabilities, in which split. */
import { useState } from "preact/hooks";
import { SPLITS } from "../../../../histology/dataset/split_names.ts";
import type { CorrectionsState } from "../../../api/corrections.ts";
import type { DatasetFacts } from "../../../api/datasets.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { CommandLine, Link, Problem, useLoaded } from "../../parts/basics.tsx";
import { get } from "../../state/api.ts";
import { setView } from "../../state/route.ts";
import { newSeed } from "../../state/unique.ts";

export function QueueStart({ item }: { readonly item: DatasetItem }) {
  const { value: facts, problem } = useLoaded(item.id, (signal) => get<DatasetFacts>(`/datasets/${item.id}`, signal));
  const [run, setRun] = useState<string>();
  const [split, setSplit] = useState("");
  const [refusal, setRefusal] = useState<string>();
  const sources = facts?.sources.filter((one) => one.problem === undefined) ?? [];
  const source = sources.find(({ id }) => id === run) ?? sources[0];
  const start = async () => {
    try {
      const { entries } = await get<CorrectionsState>(`/datasets/${item.id}/corrections`);
      setView({ run: source!.id, split, seed: newSeed(), start: entries, before: 0, at: undefined });
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <p class="trail">
        <Link to={`/datasets/${item.id}`}>{item.path}</Link>
      </p>
      <h1>What to look at next</h1>
      <p>
        The patches that a model is least sure of, from different places and cases. Every tenth is drawn at random, and
        looks like all others: these show how often the labels are wrong.
      </p>
      {problem && <Problem>{problem}</Problem>}
      {refusal && <Problem>{refusal}</Problem>}
      {!facts && !problem && <p class="muted">Loading...</p>}
      {facts && !source && (
        <>
          <p>No model has been evaluated on this dataset yet. Evaluate one first:</p>
          <CommandLine text={`cancernet evaluate RUN --dataset ${item.path}`} />
        </>
      )}
      {source && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <label>
            Model{" "}
            <select value={source.id} onChange={(event) => setRun(event.currentTarget.value)}>
              {sources.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            Split{" "}
            <select value={split} onChange={(event) => setSplit(event.currentTarget.value)}>
              <option value="">{source.splits.join(", ")}</option>
              {source.splits.length > 1 &&
                SPLITS.filter((one) => source.splits.includes(one)).map((one) => (
                  <option key={one} value={one}>
                    {one}
                  </option>
                ))}
            </select>
          </label>
          <button type="submit" class="primary">
            Start
          </button>
        </form>
      )}
    </>
  );
}
