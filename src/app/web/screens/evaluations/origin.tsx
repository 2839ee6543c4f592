/** Where the numbers come from: the command, the hashes, the split, what was seen in training. */
import { uncheckedText } from "../../../../reports/evaluation/leakage.ts";
import { counted } from "../../../../util/numbers.ts";
import { CommandLine, Link } from "../../parts/basics.tsx";
import type { Judgement } from "./judgement.ts";

export function Origin({ judgement: { answer, report } }: { readonly judgement: Judgement }) {
  const { leakage, dataset, versions } = report;
  const hashes = [
    ["SHA-256 of the model file", report.model_sha256],
    ["SHA-256 of the dataset's manifest", dataset.sha256],
    ["SHA-256 of the dataset's records", dataset.records_sha256],
    ["SHA-256 of report.json", answer.reportSha256],
  ] as const;
  return (
    <section aria-labelledby="origin-title">
      <h2 id="origin-title">Origin</h2>
      <CommandLine text={report.command} />
      <p>
        Dataset:{" "}
        {answer.dataset ? <Link to={`/datasets/${answer.dataset.id}`}>{answer.dataset.path}</Link> : dataset.folder}
        {answer.dataset ? "." : ", which is not in the studio's folder."}
      </p>
      {leakage.checked ? (
        <ul>
          {leakage.overlaps.map(({ split, shared_cases, shared_patches }) => (
            <li key={split} class={(shared_cases ?? 0) + shared_patches > 0 ? "alert" : ""}>
              {report.split} and {split}:{" "}
              {shared_cases === null ? "cases have no names" : `${counted(shared_cases, "case")} shared`};{" "}
              {counted(shared_patches, "patch")} of {report.split} whose pixels are in {split} too.
            </li>
          ))}
        </ul>
      ) : (
        <p class="alert">{uncheckedText(leakage, report.split)}</p>
      )}
      <dl class="hashes">
        {hashes.map(([name, hash]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{hash}</code>
            </dd>
          </div>
        ))}
        <div>
          <dt>Computed with</dt>
          <dd>
            {report.device};{" "}
            {Object.entries(versions)
              .map(([name, version]) => `${name} ${version}`)
              .join(", ")}
          </dd>
        </div>
      </dl>
    </section>
  );
}
