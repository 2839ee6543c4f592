/** One run: its state, its curves with other runs over them, its epochs, its settings. */
import { useEffect, useState } from "preact/hooks";
import { flagOf } from "../../../../options/command_line.ts";
import { counted } from "../../../../util/numbers.ts";
import type { RunItem } from "../../../api/items.ts";
import type { RunAnswer, RunEpoch } from "../../../api/runs.ts";
import { CommandLine, Link, Problem } from "../../parts/basics.tsx";
import { JobButtons } from "../../parts/job_buttons.tsx";
import { get } from "../../state/api.ts";
import { itemOf, items, itemsOf } from "../../state/items.ts";
import { goTo, route, setView } from "../../state/route.ts";
import type { OverlaidRun } from "./curves.ts";
import { LiveTraining } from "./training.tsx";
import { jobsOf } from "./use_training.ts";
import { METRIC_DIGITS, stateWords } from "./words.ts";

/** A run that another program trains is read again this often. */
const READ_MILLISECONDS = 5000;

export function RunView({ item }: { readonly item: RunItem }) {
  const { id, path, hasModel, status } = item;
  const own = jobsOf(path);
  const job = own.at(-1);
  const { answer, problem } = useRun(item, job?.state === "running" ? job.progress?.number : undefined);
  const overlaid = useOverlaid(id);
  return (
    <>
      <h1>{path}</h1>
      {problem && <Problem>{problem}</Problem>}
      <p class="row">
        <span>{stateWords(item, job)}</span>
        {job && <JobButtons job={job} leads={false} />}
        {!job && status === "running" && (
          <button type="button" onClick={() => goTo(`/jobs/new?verb=train&resume=${id}`)}>
            Resume
          </button>
        )}
        {hasModel && (
          <button type="button" onClick={() => goTo(`/jobs/new?verb=evaluate&model=${id}`)}>
            Evaluate
          </button>
        )}
        {hasModel && <Link to={`/jobs/new?verb=slide&model=${id}`}>Score slides</Link>}
        {hasModel && (
          <a href={`/api/pages/${id}/`} target="_blank" rel="noopener">
            Classify images
          </a>
        )}
        {job && <Link to={`/jobs/${job.id}`}>Its job</Link>}
      </p>
      {job?.message && <p class="alert">{job.message}</p>}
      <LiveTraining path={path} jobs={own} run={answer} overlaid={overlaid} />
      <OverlayChoice id={id} />
      <Evaluations id={id} />
      {answer && <Epochs history={answer.history} kept={item.kept?.epochs ?? []} />}
      {answer && <Settings item={item} answer={answer} />}
      {job && (
        <section>
          <h2>The command</h2>
          <CommandLine text={job.command} />
        </section>
      )}
    </>
  );
}

/** The run's facts, loaded again after each of its epochs. */
function useRun({ id, changed, status }: RunItem, epoch: number | undefined) {
  const [state, setState] = useState<{ readonly answer?: RunAnswer; readonly problem?: string }>({});
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    get<RunAnswer>(`/runs/${id}`, controller.signal).then(
      (answer) => setState({ answer }),
      (error: unknown) => controller.signal.aborted || setState({ problem: String((error as Error).message) }),
    );
    return () => controller.abort();
  }, [id, changed, epoch, tick]);
  useEffect(() => {
    if (status !== "running" || epoch !== undefined) return;
    const timer = setInterval(() => document.hidden || setTick((now) => now + 1), READ_MILLISECONDS);
    return () => clearInterval(timer);
  }, [status, epoch]);
  return state;
}

/** The ids of the overlaid runs, from the address. */
const overlayIds = (): string[] => (route.value.view.overlay ?? "").split(",").filter(Boolean);

function useOverlaid(id: string): readonly OverlaidRun[] {
  const [overlaid, setOverlaid] = useState<readonly OverlaidRun[]>([]);
  const found = overlayIds().flatMap((one) => (one === id ? [] : (itemOf("run", one) ?? [])));
  useEffect(() => {
    const controller = new AbortController();
    Promise.all(
      found.map(async (run): Promise<OverlaidRun> => {
        const { history } = await get<RunAnswer>(`/runs/${run.id}`, controller.signal);
        return { name: run.path, history };
      }),
    ).then(setOverlaid, () => {});
    return () => controller.abort();
  }, [found.map((run) => run.id).join(","), items.value]);
  return overlaid;
}

function OverlayChoice({ id }: { readonly id: string }) {
  const others = itemsOf("run").filter((run) => run.id !== id && run.problem === undefined);
  const chosen = overlayIds();
  if (others.length === 0) return null;
  const choose = (one: string, isChosen: boolean) => {
    const rest = chosen.filter((other) => other !== one);
    setView({ overlay: (isChosen ? [...rest, one] : rest).join(",") });
  };
  return (
    <fieldset class="overlay">
      <legend>Lay other runs over it</legend>
      {others.map((run) => (
        <label key={run.id}>
          <input
            type="checkbox"
            checked={chosen.includes(run.id)}
            onChange={(event) => choose(run.id, event.currentTarget.checked)}
          />
          {run.path}
        </label>
      ))}
    </fieldset>
  );
}

function Evaluations({ id }: { readonly id: string }) {
  const own = itemsOf("evaluation").filter(({ run }) => run === id);
  if (own.length === 0) return null;
  return (
    <section>
      <h2>Evaluations</h2>
      <ul>
        {own.map((item) => (
          <li key={item.id}>
            <Link to={`/evaluations/${item.id}`}>{item.path}</Link>
            {item.auroc !== undefined && item.auroc !== null && `: AUROC ${item.auroc.toFixed(METRIC_DIGITS)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A longer history is a chart; its rows are in history.csv. */
const MOST_ROWS = 200;

const COLUMNS = [
  ["loss", "loss"],
  ["accuracy", "accuracy"],
  ["val_loss", "validation loss"],
  ["val_accuracy", "validation accuracy"],
  ["val_auroc", "validation AUROC"],
] as const satisfies readonly (readonly [keyof RunEpoch, string])[];

function Epochs({ history, kept }: { readonly history: readonly RunEpoch[]; readonly kept: readonly number[] }) {
  if (history.length === 0) return null;
  const shown = history.slice(-MOST_ROWS);
  return (
    <details class="wide">
      <summary>{counted(history.length, "epoch")} in numbers</summary>
      <table>
        {shown.length < history.length && <caption>The last {counted(shown.length, "epoch")}.</caption>}
        <thead>
          <tr>
            <th scope="col">epoch</th>
            {COLUMNS.map(([name, title]) => (
              <th key={name} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.epoch}>
              <th scope="row">
                {row.epoch}
                {kept.includes(row.epoch) && " (kept)"}
              </th>
              {COLUMNS.map(([name]) => (
                <td key={name} class="number">
                  {row[name]?.toFixed(METRIC_DIGITS) ?? "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Settings({ item, answer }: { readonly item: RunItem; readonly answer: RunAnswer }) {
  const dataset = item.dataset === null ? undefined : itemOf("dataset", item.dataset);
  return (
    <section>
      <h2>Settings</h2>
      <dl class="settings">
        <Fact name="model">{item.architecture}</Fact>
        <Fact name="recipe">{item.recipe}</Fact>
        <Fact name="dataset">
          {dataset ? <Link to={`/datasets/${dataset.id}`}>{dataset.path}</Link> : "not in this folder"}
        </Fact>
        {Object.entries(answer.settings).map(([name, value]) => (
          <Fact key={name} name={flagOf(name).slice(2).replaceAll("-", " ")}>
            {typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}
          </Fact>
        ))}
        <Fact name="engine">{answer.engine}</Fact>
        {Object.entries(answer.software).map(([name, version]) => (
          <Fact key={name} name={name}>
            {version}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
