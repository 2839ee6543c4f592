/** A training as it goes on: its state in numbers, and its curves. Shown for a run, and for a job without a run yet. */
import { useMemo } from "preact/hooks";
import { keptOf } from "../../../../options/training/keep.ts";
import { keptWords } from "../../../../reports/training/kept_text.ts";
import { fixed, whole } from "../../../../util/numbers.ts";
import type { RunItem } from "../../../api/items.ts";
import type { JobFacts } from "../../../api/jobs.ts";
import type { RunAnswer, RunEpoch } from "../../../api/runs.ts";
import { durationText } from "../../../look/times.ts";
import { Problem } from "../../parts/basics.tsx";
import { itemsOf } from "../../state/items.ts";
import { CurveChart } from "./chart.tsx";
import { chartsOf, type OverlaidRun } from "./curves.ts";
import { mergedEpochs, type TrainingLog } from "./training_log.ts";
import { useTraining } from "./use_training.ts";

interface TrainingProps {
  readonly path: string;
  readonly jobs: readonly JobFacts[];
  readonly run: RunAnswer | undefined;
  readonly overlaid: readonly OverlaidRun[];
}

export function LiveTraining({ path, jobs, run, overlaid }: TrainingProps) {
  const { log, version, problem } = useTraining(path, jobs);
  const epochs = useMemo(() => mergedEpochs(run?.history ?? [], log), [run, log, version]);
  const charts = useMemo(() => chartsOf({ steps: log.steps, epochs, overlaid }), [epochs, overlaid, version]);
  const item = itemsOf("run").find((one) => one.path === path && one.problem === undefined);
  const isRunning = jobs.at(-1)?.state === "running";
  return (
    <>
      {problem && <Problem>{problem}</Problem>}
      <TrainingFacts log={log} epochs={epochs} isRunning={isRunning} device={run?.device} item={item} />
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
  readonly item: RunItem | undefined;
}

function TrainingFacts({ log, epochs, isRunning, device = log.device ?? undefined, item }: FactsProps) {
  const [rate, left] = [log.patchesPerSecond, log.secondsLeft];
  const at = log.now?.task === "epoch" ? `${log.now.number} of ${log.now.of}` : undefined;
  const rows = epochs.map(({ epoch, val_auroc }) => ({ epoch, val_auroc: val_auroc ?? Number.NaN }));
  const kept = item && (item.kept ?? keptOf(rows, item));
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ["epoch", isRunning ? at : undefined],
    ["speed", isRunning && rate !== null ? `${whole(Math.round(rate))} patches per second` : undefined],
    ["time left", isRunning && left !== null ? durationText(left) : undefined],
    ["device", device],
    ["kept", kept && keptWords(kept) + (kept.val_auroc === null ? "" : `: ${fixed(kept.val_auroc, 4)}`)],
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
