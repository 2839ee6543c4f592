/** The queue of units in PostgreSQL: works, workers with their last words, units that failed; retry and drain. */
import { useEffect, useState } from "preact/hooks";
import type { QueueReport } from "../../../../reports/queue/report.ts";
import { counted, whole } from "../../../../util/numbers.ts";
import type { WorkersAction, WorkersAnswer } from "../../../api/workers.ts";
import { HeadedTable } from "../../../look/scrolling.tsx";
import { CommandLine, Problem } from "../../parts/basics.tsx";
import { get, post } from "../../state/api.ts";

const LOOK_MILLISECONDS = 2000;
const MOST_SHOWN = 100;

export function WorkersScreen() {
  const [answer, setAnswer] = useState<WorkersAnswer>();
  const [problem, setProblem] = useState<string>();
  const [looks, setLooks] = useState(0);
  const show = (asked: Promise<WorkersAnswer>) =>
    asked.then(
      (value) => {
        setAnswer(value);
        setProblem(undefined);
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    void show(get<WorkersAnswer>("/workers")).then(() => {
      if (!isOver) timer = setTimeout(() => setLooks(looks + 1), LOOK_MILLISECONDS);
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [looks]);
  const act = (action: WorkersAction) =>
    void show(post<WorkersAnswer>("/workers", action).then(() => get<WorkersAnswer>("/workers")));
  return (
    <>
      <h1>Workers</h1>
      {problem && <Problem>{problem}</Problem>}
      {answer && "none" in answer && <NoQueue why={answer.none} />}
      {answer && "report" in answer && <Report report={answer.report} act={act} />}
      {!answer && !problem && <p class="muted">Loading...</p>}
    </>
  );
}

function NoQueue({ why }: { readonly why: string }) {
  return (
    <>
      <p>{why}</p>
      <p class="muted">
        A queue shares slides, folds and trainings among many machines. The environment of the studio's command names
        the PostgreSQL server; the page never shows its password.
      </p>
      <CommandLine text="cancernet slide idc slides --out results/many --queue postgres" />
      <CommandLine text="cancernet work --results results" />
    </>
  );
}

interface ReportProps {
  readonly report: QueueReport;
  readonly act: (action: WorkersAction) => void;
}

function Report({ report, act }: ReportProps) {
  return (
    <>
      <section aria-labelledby="works-title">
        <h2 id="works-title">Results</h2>
        {report.works.length === 0 ? (
          <p class="muted">The queue is empty.</p>
        ) : (
          <Works works={report.works} act={act} />
        )}
        {report.other_versions.map(({ queue, waiting }) => (
          <p key={queue} class="alert">
            {counted(waiting, "unit")} wait for another version: {queue}.
          </p>
        ))}
      </section>
      <section aria-labelledby="workers-title">
        <h2 id="workers-title">At work</h2>
        {report.workers.length === 0 ? (
          <>
            <p class="muted">No worker is at work.</p>
            <CommandLine text="cancernet work" />
          </>
        ) : (
          <Workers workers={report.workers} />
        )}
      </section>
      {report.troubled.length > 0 && <Troubled troubled={report.troubled} />}
    </>
  );
}

function Works({ works, act }: { readonly works: QueueReport["works"]; readonly act: ReportProps["act"] }) {
  return (
    <HeadedTable
      label="Results"
      columns={["results", "command", "waiting", "running", "done", "failed", "given up", "actions"]}
    >
      {works.map(({ folder, verb, waiting, running, done, failed, dead }) => (
        <tr key={folder} data-folder={folder}>
          <th scope="row">{folder}</th>
          <td>{verb}</td>
          {[waiting, running, done, failed, dead].map((count, place) => (
            <td key={String(place)} class="number">
              {whole(count)}
            </td>
          ))}
          <td>
            <button
              type="button"
              class="quiet"
              disabled={failed + dead === 0}
              onClick={() => act({ action: "retry", folder })}
            >
              Retry
            </button>{" "}
            <button
              type="button"
              class="quiet"
              disabled={waiting === 0}
              onClick={() => {
                const question = `Remove ${counted(waiting, "waiting unit")} of ${folder} from the queue? Running ones are finished.`;
                if (confirm(question)) act({ action: "drain", folder });
              }}
            >
              Drain
            </button>
          </td>
        </tr>
      ))}
    </HeadedTable>
  );
}

function Workers({ workers }: { readonly workers: QueueReport["workers"] }) {
  return (
    <HeadedTable label="Workers" columns={["worker", "unit", "done", "seen", "last words"]}>
      {workers.map(({ name, folder, unit, done, seen_seconds, words }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>{unit === null ? "waits" : `${folder}/${unit}`}</td>
          <td class="number">{whole(done)}</td>
          <td>{whole(Math.round(seen_seconds))} s ago</td>
          <td>{words}</td>
        </tr>
      ))}
    </HeadedTable>
  );
}

function Troubled({ troubled }: { readonly troubled: QueueReport["troubled"] }) {
  return (
    <section aria-labelledby="troubled-title">
      <h2 id="troubled-title">Units that are not done</h2>
      <HeadedTable label="Units that are not done" columns={["unit", "state", "last words"]}>
        {troubled.slice(0, MOST_SHOWN).map(({ folder, unit, state, words }) => (
          <tr key={`${folder}/${unit}`}>
            <th scope="row">
              {folder}/{unit}
            </th>
            <td>{state === "dead" ? "given up" : "failed"}</td>
            <td>{words}</td>
          </tr>
        ))}
      </HeadedTable>
      {troubled.length > MOST_SHOWN && <p class="muted">... and {whole(troubled.length - MOST_SHOWN)} more.</p>}
    </section>
  );
}
