/** A training as it goes on: its state in numbers, and its curves. Shown for a run, and for a job without a run yet. */
import { useMemo } from "preact/hooks";
import { bestByAuroc } from "../../../../reports/training/history_chart.ts";
import { fixed, whole } from "../../../../util/numbers.ts";
import type { JobFacts } from "../../../api/jobs.ts";
import type { RunAnswer, RunEpoch } from "../../../api/runs.ts";
import { Problem } from "../../parts/basics.tsx";
import { durationText } from "../../parts/times.ts";
import { CurveChart } from "./chart.tsx";
import { chartsOf, type OverlaidRun } from "./curves.ts";
import { mergedEpochs, type TrainingLog } from "./training_log.ts";
import { useTraining } from "./use_training.ts";

interface TrainingProps {
  readonly path: string;
  readonly jobs: readonly JobFacts[];
  readonly run: RunAnswer | undefined;
  readonly overlaid: readonly OverlaidRun[];
  /** The kept epoch, if the run is finished. */
  readonly bestEpoch: number | null;
}

export function LiveTraining({ path, jobs, run, overlaid, bestEpoch }: TrainingProps) {
  const { log, version, problem } = useTraining(path, jobs);
  const epochs = useMemo(() => mergedEpochs(run?.history ?? [], log), [run, log, version]);
  const charts = useMemo(() => chartsOf({ steps: log.steps, epochs, overlaid }), [epochs, overlaid, version]);
  const isRunning = jobs.at(-1)?.state === "running";
  return (
    <>
      {problem && <Problem>{problem}</Problem>}
      <TrainingFacts log={log} epochs={epochs} isRunning={isRunning} device={run?.device} bestEpoch={bestEpoch} />
      <div class="charts" data-steps={log.steps.x.length} data-epochs={epochs.length}>
        {charts.map(([title, curves]) => (
          <CurveChart key={title} title={title} curves={curves} />
        ))}
      </div>
    </>
  );
}

interface FactsProps {
  readonly log: TrainingLog;
  readonly epochs: readonly RunEpoch[];
  readonly isRunning: boolean;
  readonly device: string | undefined;
  readonly bestEpoch: number | null;
}

function TrainingFacts({ log, epochs, isRunning, device = log.device ?? undefined, bestEpoch }: FactsProps) {
  const [rate, left] = [log.patchesPerSecond, log.secondsLeft];
  const at = log.now?.task === "epoch" ? `${log.now.number} of ${log.now.of}` : undefined;
  const best = bestByAuroc(epochs.map((row) => ({ ...row, val_auroc: row.val_auroc ?? Number.NaN })) as never);
  const kept = bestEpoch ?? best?.epoch;
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ["epoch", isRunning ? at : undefined],
    ["speed", isRunning && rate !== null ? `${whole(Math.round(rate))} patches per second` : undefined],
    ["time left", isRunning && left !== null ? durationText(left) : undefined],
    ["device", device],
    [
      "kept epoch",
      kept === undefined
        ? undefined
        : `${kept}: the best AUROC on the validation split${best?.epoch === kept ? `, ${fixed(best.val_auroc, 4)}` : ""}`,
    ],
  ];
  return (
    <dl class="facts" aria-live="off">
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
