/** The filters and the order of the grid. Their state is in the address. */
import { SPLITS } from "../../../../histology/dataset/split_names.ts";
import type { AnswerSource, DatasetFacts } from "../../../api/datasets.ts";
import { route, setView } from "../../state/route.ts";
import { CELL_SIZES } from "./layout.ts";
import { cellSize, isUsable, NO_SOURCE, SORT_CHOICES } from "./view.ts";

interface FilterProps {
  readonly facts: DatasetFacts;
  readonly classNames: readonly [string, string];
  readonly source: AnswerSource | undefined;
}

export function PatchFilters({ facts, classNames, source }: FilterProps) {
  const { view } = route.value;
  const cases = facts.cases.filter((one) => one.case !== "");
  return (
    <form class="patch-filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Model"
        name="run"
        value={source?.id ?? NO_SOURCE}
        choices={[...facts.sources.filter(isUsable).map(({ id, name }) => [id, name] as const), [NO_SOURCE, "none"]]}
      />
      <Choice label="Split" name="split" choices={[["", "all"], ...SPLITS.map((split) => [split, split] as const)]} />
      {cases.length > 0 && (
        <Choice
          label="Case"
          name="case"
          choices={[["", "all"], ...cases.map((one) => [one.case, one.case] as const)]}
        />
      )}
      <Choice
        label="Label"
        name="label"
        choices={[
          ["", "all"],
          ["1", `+ ${classNames[1]}`],
          ["0", `− ${classNames[0]}`],
        ]}
      />
      <Choice
        label="Corrected"
        name="corrected"
        choices={[
          ["", "all"],
          ["yes", "yes"],
          ["no", "no"],
        ]}
      />
      {source && (
        <>
          <Choice
            label="Model is"
            name="answer"
            choices={[
              ["", "right or wrong"],
              ["right", "right"],
              ["wrong", "wrong"],
            ]}
          />
          <Bound label="Probability from" name="from" />
          <Bound label="to" name="to" />
          <Choice
            label="Order"
            name="sort"
            choices={SORT_CHOICES.map(([name, words]) => [name === "dataset" ? "" : name, words])}
          />
        </>
      )}
      <Choice
        label="Size"
        name="size"
        value={cellSize(view)}
        choices={Object.keys(CELL_SIZES).map((size) => [size, size] as const)}
      />
      <button type="button" onClick={() => setView(CLEARED)}>
        Show all
      </button>
    </form>
  );
}

const CLEARED = Object.fromEntries(
  ["case", "split", "label", "from", "above", "to", "answer", "corrected", "sort"].map((name) => [name, undefined]),
);

interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly value?: string;
  readonly choices: readonly (readonly [value: string, words: string])[];
}

function Choice({ label, name, value = route.value.view[name] ?? "", choices }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => setView({ [name]: event.currentTarget.value })}>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Bound({ label, name }: { readonly label: string; readonly name: string }) {
  return (
    <label>
      {label}{" "}
      <input
        type="number"
        min="0"
        max="1"
        step="any"
        value={route.value.view[name] ?? ""}
        onChange={(event) => {
          const { value, validity } = event.currentTarget;
          if (validity.valid) setView({ [name]: value, above: undefined });
        }}
      />
    </label>
  );
}
