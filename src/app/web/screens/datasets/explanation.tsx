/** The explanation of a patch by a model: a job of the command "explain", and its picture. */
import { useEffect, useState } from "preact/hooks";
import { fixed } from "../../../../util/numbers.ts";
import type { AnswerSource, PatchExplanationFacts } from "../../../api/datasets.ts";
import type { DatasetItem } from "../../../api/items.ts";
import { CommandLine, Problem } from "../../parts/basics.tsx";
import { post, Refused } from "../../state/api.ts";
import { jobs } from "../../state/items.ts";
import { session } from "../../state/session.ts";

interface ExplanationProps {
  readonly item: DatasetItem;
  readonly record: number;
  readonly sources: readonly AnswerSource[];
  readonly first: AnswerSource | undefined;
}

export function ExplanationPart({ item, record, sources, first }: ExplanationProps) {
  const [source, setSource] = useState(first ?? sources[0]!);
  const [facts, setFacts] = useState<PatchExplanationFacts>();
  const [problem, setProblem] = useState<string>();
  const job = jobs.value.find(({ id }) => id === facts?.job);
  const explain = () => {
    setProblem(undefined);
    post<PatchExplanationFacts>(`/datasets/${item.id}/patches/${record}/explanation`, { source: source.id }).then(
      setFacts,
      (error: unknown) => setProblem(error instanceof Refused ? error.message : String(error)),
    );
  };
  useEffect(() => {
    if (job?.state === "done") explain();
  }, [job?.state]);
  const isRunning = facts?.state === "running" && (!job || job.state === "running" || job.state === "waiting");
  return (
    <section aria-labelledby="explanation-title">
      <h3 id="explanation-title">What the model sees</h3>
      <p class="row">
        <label>
          Model{" "}
          <select
            value={source.id}
            onChange={(event) => {
              setSource(sources.find(({ id }) => id === event.currentTarget.value)!);
              setFacts(undefined);
            }}
          >
            {sources.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="primary" disabled={isRunning} onClick={explain}>
          Explain
        </button>
        <span role="status">{isRunning && "The maps are being computed..."}</span>
      </p>
      {problem && <Problem>{problem}</Problem>}
      {job?.message && <Problem>{job.message}</Problem>}
      {source.usesNeighbours && (
        <p class="alert">
          This model also uses the patches around a patch. The explanation is of the patch alone, as if all its
          neighbours were missing: its probability is another one than in the table.
        </p>
      )}
      {facts?.state === "done" && (
        <figure>
          <img
            class="explanation"
            src={`/api/explanations/${facts.key}/picture`}
            alt="Maps of the evidence for and against the positive class: the patch, Grad-CAM, and the effect of hiding each place."
          />
          <figcaption class="muted">
            Probability of {item.classNames[1]}
            {source.usesNeighbours ? " for the patch alone" : ""}: {fixed(facts.probability ?? Number.NaN, 4)}.{" "}
            {session.value?.notice}
          </figcaption>
        </figure>
      )}
      {facts && <CommandLine text={facts.command} />}
    </section>
  );
}
