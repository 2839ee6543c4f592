/** A new job: a form from the schema of the command's flags, and the command line that it stands for. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CheckedJob, JobFacts } from "../../../api/jobs.ts";
import { CommandLine, Link, Problem } from "../../parts/basics.tsx";
import { post, Refused } from "../../state/api.ts";
import { items, itemsOf, jobs } from "../../state/items.ts";
import { useKeys } from "../../state/keys.ts";
import { goTo, route, setView } from "../../state/route.ts";
import { Field } from "./field.tsx";
import {
  FORMS,
  type FormGroup,
  type FormValues,
  type FormVerb,
  formGroups,
  isFormVerb,
  optionsOf,
  usualValue,
  valuesFromView,
  viewFromValues,
} from "./form.ts";
import { suggestions } from "./suggest.ts";

/** The server checks a form this long after the last change. */
const CHECK_MILLISECONDS = 250;

export function NewJob() {
  const verb = route.value.view.verb ?? "train";
  if (!items.value) return <p class="muted">Loading...</p>;
  return (
    <>
      <h1>{isFormVerb(verb) ? FORMS[verb] : "New job"}</h1>
      <nav class="row verbs" aria-label="Commands">
        {Object.entries(FORMS).map(([name, title]) => (
          <Link
            key={name}
            to={`/jobs/new?verb=${name}`}
            {...(name === verb ? { "aria-current": "page" as const } : {})}
          >
            {title}
          </Link>
        ))}
      </nav>
      {isFormVerb(verb) ? (
        <JobForm key={verb} verb={verb} />
      ) : (
        <Problem>There is no form for "{verb}": choose a command above.</Problem>
      )}
    </>
  );
}

function JobForm({ verb }: { readonly verb: FormVerb }) {
  const [own, setOwn] = useState(() => valuesFromView(verb, route.peek().view));
  const suggested = useMemo(() => suggestions(verb, items.value?.items ?? [], jobs.value), [items.value, jobs.value]);
  const values = { ...suggested, ...own };
  const { checked, start, isStarting } = useCheckedJob(verb, values);
  useEffect(() => {
    const timer = setTimeout(() => setView({ verb, ...viewFromValues(verb, own) }), CHECK_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [own]);
  const form = useRef<HTMLFormElement>(null);
  const submit = () => form.current?.requestSubmit();
  useKeys("Form", [{ key: "Control+Enter", does: "Start the job, in a field too", run: submit }], []);
  return (
    <form
      ref={form}
      class="job-form"
      aria-label={FORMS[verb]}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        submit();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <div>
        {formGroups(verb).map((group) => (
          <Group key={group.title} verb={verb} group={group} values={values} own={own} setOwn={setOwn} {...checked} />
        ))}
      </div>
      <section class="card job-command" aria-label="The command">
        <h2>The command</h2>
        {checked.command !== null && <CommandLine text={checked.command} />}
        <div role="status">{checked.message !== null && <p class="alert">{checked.message}</p>}</div>
        <button type="submit" class="primary" disabled={checked.command === null || isStarting}>
          Start
        </button>{" "}
        <span class="muted">Ctrl Enter</span>
        {verb === "compare" && <ComparisonLink values={values} />}
      </section>
    </form>
  );
}

interface GroupProps {
  readonly verb: FormVerb;
  readonly group: FormGroup;
  readonly values: FormValues;
  readonly own: FormValues;
  readonly setOwn: (change: (own: FormValues) => FormValues) => void;
  readonly message: string | null;
}

function Group({ verb, group: { title, entries, isExtra }, values, own, setOwn, message }: GroupProps) {
  const fields = (
    <div class="fields">
      {entries.map((entry) => (
        <Field
          key={entry.property}
          verb={verb}
          entry={entry}
          value={values[entry.property]}
          usual={usualValue(verb, entry, values)}
          isWrong={message?.startsWith(`${entry.property} `) || message?.startsWith(`${entry.label} `) || false}
          change={(value) => setOwn((now) => ({ ...now, [entry.property]: value }))}
          forget={() => setOwn(({ [entry.property]: _, ...rest }) => rest)}
        />
      ))}
    </div>
  );
  if (!isExtra) {
    return (
      <fieldset>
        <legend>{title}</legend>
        {fields}
      </fieldset>
    );
  }
  return (
    <details open={entries.some(({ property }) => own[property] !== undefined)}>
      <summary>{title}</summary>
      {fields}
    </details>
  );
}

/** Asks the server for the command line of the form, or what is wrong with it; starts the job. */
function useCheckedJob(verb: FormVerb, values: FormValues) {
  const body = JSON.stringify({ verb, options: optionsOf(verb, values) });
  const [checked, setChecked] = useState<CheckedJob>({ command: null, message: null });
  const [isStarting, setStarting] = useState(false);
  useEffect(() => {
    let isOld = false;
    const fail = (error: unknown) =>
      !isOld && setChecked({ command: null, message: error instanceof Refused ? error.message : String(error) });
    const check = () =>
      post<CheckedJob>("/jobs/check", JSON.parse(body)).then((answer) => !isOld && setChecked(answer), fail);
    const timer = setTimeout(check, CHECK_MILLISECONDS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [body]);
  const start = () => {
    setStarting(true);
    post<JobFacts>("/jobs", JSON.parse(body)).then(
      ({ id }) => goTo(`/jobs/${id}`),
      (error: unknown) => {
        setStarting(false);
        setChecked({ command: null, message: error instanceof Refused ? error.message : String(error) });
      },
    );
  };
  return { checked, start, isStarting };
}

/** The page compares evaluations itself; a run stands for its evaluation of the chosen split. */
function ComparisonLink({ values }: { readonly values: FormValues }) {
  const chosen = Array.isArray(values.runs) ? (values.runs as readonly string[]) : [];
  const split = values.split || "test";
  const found = chosen.flatMap(
    (id) => itemsOf("evaluation").find((one) => one.id === id || (one.run === id && one.split === split)) ?? [],
  );
  if (found.length < 2) return null;
  return (
    <p>
      <Link to={`/evaluations/compare?ids=${found.map(({ id }) => id).join(",")}`}>Compare them in the page</Link>
    </p>
  );
}
