/** One option of a form: a text, a choice, a switch, an item of the folder, or a new name. */
import { useId } from "preact/hooks";
import type { SettledValue } from "../../../../options/meta.ts";
import type { OptionEntry } from "../../../../options/option_entries.ts";
import type { Item } from "../../../api/items.ts";
import { items } from "../../state/items.ts";
import { type FieldValue, type FormVerb, isPlace, placeOf, usualText } from "./form.ts";
import { candidates } from "./suggest.ts";

interface FieldProps {
  readonly verb: FormVerb;
  readonly entry: OptionEntry;
  readonly value: FieldValue | undefined;
  readonly usual: SettledValue | undefined;
  readonly isWrong: boolean;
  change(value: FieldValue): void;
  forget(): void;
}

/** What a control and its texts share. */
interface ControlProps extends FieldProps {
  readonly control: {
    readonly id: string;
    readonly name: string;
    readonly "aria-describedby": string;
    readonly "aria-invalid": boolean;
  };
}

export function Field(props: FieldProps) {
  const id = useId();
  const { verb, entry, isWrong } = props;
  const help = `${id}-help`;
  const control = { id, name: entry.property, "aria-describedby": help, "aria-invalid": isWrong };
  const title = entry.name.replaceAll("-", " ");
  if (isPlace(entry) && entry.repeated) return <ManyItems {...props} control={control} title={title} />;
  return (
    <div class="field">
      <label for={id}>
        {title}
        {entry.required && " (required)"}
      </label>
      {entry.isSwitch ? (
        <Switch {...props} control={control} />
      ) : isPlace(entry) && placeOf(verb, entry) !== "new" ? (
        <OneItem {...props} control={control} />
      ) : entry.choices.length > 0 ? (
        <Choice {...props} control={control} />
      ) : (
        <Text {...props} control={control} />
      )}
      <p class="help" id={help}>
        {entry.description}
        {entry.numeric && entry.choices.length === 0 && ` It is ${entry.expected}.`}
      </p>
    </div>
  );
}

function Text({ entry, value, usual, control, change }: ControlProps) {
  return (
    <input
      {...control}
      type="text"
      autocomplete="off"
      spellcheck={false}
      {...(entry.numeric ? { inputMode: "decimal" as const } : {})}
      value={typeof value === "string" ? value : ""}
      placeholder={usual ? usualText(usual) : ""}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

function Choice({ entry, value, usual, control, change }: ControlProps) {
  return (
    <select {...control} value={String(value ?? "")} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">{usual ? usualText(usual) : "not given"}</option>
      {entry.choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

/** A switch that is as it would be anyway is not given. */
function Switch({ value, usual, control, change, forget }: ControlProps) {
  const otherwise = usual?.value === true;
  return (
    <span class="row">
      <input
        {...control}
        type="checkbox"
        checked={value === undefined ? otherwise : value === true}
        onChange={(event) => (event.currentTarget.checked === otherwise ? forget() : change(!otherwise))}
      />
      {usual && usual.from !== "default" && (
        <span class="muted">{value === undefined ? `as ${usual.from}` : `not as ${usual.from}`}</span>
      )}
    </span>
  );
}

function OneItem({ verb, entry, value, usual, control, change }: ControlProps) {
  const choices = candidates(verb, entry.property, items.value?.items ?? []);
  const names = entry.path?.except ?? [];
  return (
    <select {...control} value={String(value ?? "")} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">{usual ? usualText(usual) : "not given"}</option>
      {choices.map((item) => (
        <option key={item.id} value={item.id}>
          {item.path}
        </option>
      ))}
      {names.map((name) => (
        <option key={name} value={name}>
          {name} (in the package)
        </option>
      ))}
    </select>
  );
}

/** Several items, in the order in which they are chosen. */
function ManyItems({ verb, entry, value, control, title, change }: ControlProps & { readonly title: string }) {
  const choices = candidates(verb, entry.property, items.value?.items ?? []);
  const chosen = Array.isArray(value) ? value : [];
  const choose = ({ id }: Item, isChosen: boolean) => {
    const others = chosen.filter((one) => one !== id);
    change(isChosen ? [...others, id] : others);
  };
  return (
    <fieldset class="field many" aria-describedby={control["aria-describedby"]}>
      <legend>
        {title}
        {entry.required && " (required)"}
      </legend>
      {choices.length === 0 && <p class="muted">There is none in this folder.</p>}
      {choices.map((item) => (
        <label key={item.id}>
          <input
            type="checkbox"
            name={control.name}
            checked={chosen.includes(item.id)}
            onChange={(event) => choose(item, event.currentTarget.checked)}
          />
          {item.path}
          {verb === "compare" && chosen.includes(item.id) && (
            <span class="muted">
              {chosen.indexOf(item.id) === 0
                ? "the first, which the others are compared with"
                : chosen.indexOf(item.id) + 1}
            </span>
          )}
        </label>
      ))}
      <p class="help" id={control["aria-describedby"]}>
        {entry.description}
      </p>
    </fieldset>
  );
}
