/** The curves of a run and of the runs that are laid over it. */
import type { RunEpoch } from "../../../api/runs.ts";
import type { StepCurve } from "./training_log.ts";
import type { Curve } from "./uplot_chart.ts";

/** Another run over this one. */
export interface OverlaidRun {
  readonly name: string;
  readonly history: readonly RunEpoch[];
}

export interface RunCurves {
  readonly steps: StepCurve;
  readonly epochs: readonly RunEpoch[];
  readonly overlaid: readonly OverlaidRun[];
}

const OVERLAY_COLOURS = ["--chart-green", "--accent", "--chart-grey", "--link"] as const;
/** After so many overlaid runs, the colours come again with another dash. */
const OVERLAY_DASHES = [
  [6, 3],
  [2, 3],
  [9, 3, 2, 3],
] as const;

/** The charts in their order: a title, and its curves. */
export function chartsOf(curves: RunCurves): readonly (readonly [title: string, curves: readonly Curve[]])[] {
  return [
    ["Loss by epoch", [...ofPart(curves, "loss"), ...over(curves, "val_loss")]],
    ["Accuracy by epoch", [...ofPart(curves, "accuracy"), ...over(curves, "val_accuracy")]],
    [
      "AUROC on the validation split",
      [
        byEpoch("validation", curves.epochs, "val_auroc", { colour: "--chart-vermilion" }),
        ...over(curves, "val_auroc"),
      ],
    ],
  ];
}

/** The training curve by step, or by epoch if the steps are not known, and the validation curve. */
function ofPart({ steps, epochs }: RunCurves, part: "loss" | "accuracy"): Curve[] {
  const training: Curve =
    steps.x.length > 0
      ? {
          name: "training, mean of the epoch so far",
          colour: "--chart-blue",
          x: [...steps.x],
          y: [...steps[part]],
          hasPoints: false,
        }
      : byEpoch("training", epochs, part, { colour: "--chart-blue" });
  return [training, byEpoch("validation", epochs, `val_${part}`, { colour: "--chart-vermilion" })];
}

function over({ overlaid }: RunCurves, column: "val_loss" | "val_accuracy" | "val_auroc"): Curve[] {
  return overlaid.map(({ name, history }, index) =>
    byEpoch(`validation of ${name}`, history, column, {
      colour: OVERLAY_COLOURS[index % OVERLAY_COLOURS.length]!,
      dash: OVERLAY_DASHES[Math.floor(index / OVERLAY_COLOURS.length) % OVERLAY_DASHES.length]!,
    }),
  );
}

function byEpoch(
  name: string,
  history: readonly RunEpoch[],
  column: Exclude<keyof RunEpoch, "epoch">,
  look: Pick<Curve, "colour" | "dash">,
): Curve {
  const [x, y] = [history.map(({ epoch }) => epoch), history.map((row) => row[column])];
  return { name, ...look, x, y, hasPoints: true };
}
