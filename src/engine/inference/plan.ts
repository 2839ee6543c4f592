/**
 * Turns a model's layers into a list of kernel calls over one memory. The layers that still have pixels (the body) run
 * once per view; the others (the head) run once for all views. forward.ts runs the plan.
 */
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { type Address, ArrayLayout } from "./memory.ts";
import { IMAGE_CHANNELS, packAfterMatrix, packDense, packDepthwise, packPointwise, paddedOutputs } from "./packing.ts";
import { type Stage, stagesOf } from "./stages.ts";

/** The kernels. kernels/ says what the arguments are. */
export interface ForwardKernels {
  loadImage(image: Address, sources: Address, output: Address, rowBytes: number, side: number): void;
  depthwise(input: Address, weights: Address, output: Address, h: number, w: number, channels: number): void;
  multiplyMatrix(
    ...values: [
      input: Address,
      ...multiplication: Multiplication,
      output: Address,
      rowBytes: number,
      rows: number,
      columns: number,
      inputs: number,
      outputs: number,
    ]
  ): void;
  multiplyPooled(
    ...values: [
      input: Address,
      ...multiplication: Multiplication,
      output: Address,
      rowBytes: number,
      h: number,
      w: number,
      inputs: number,
      counted: number,
      outputs: number,
    ]
  ): void;
  average(input: Address, output: Address, pixels: number, channels: number): void;
}

/** The weights of a multiplication, and what follows it. */
type Multiplication = [weights: Address, bias: Address, floor: number, slope: Address, offset: Address];

/** Calls kernels for one view, counted from 0. */
export type Step = (kernels: ForwardKernels, view: number) => void;

/** Values in the memory, float32 [height][width][channels]. */
export interface Area {
  readonly at: Address;
  /** The first pixel inside the border; `at` if there is no border. */
  readonly inner: Address;
  /** Bytes from one row of pixels to the next. */
  readonly rowBytes: number;
  /** Bytes from the values of one view to those of the next; 0 if all views use the same place. */
  readonly viewBytes: number;
  readonly height: number;
  readonly width: number;
  /** The channels that count. */
  readonly channels: number;
  /** With the added channels, which are zero. */
  readonly stored: number;
}

export interface ForwardPlan {
  readonly layout: ArrayLayout;
  /** The input of the body: one view of an image, from 0 to 1. */
  readonly image: Area;
  readonly body: readonly Step[];
  readonly head: readonly Step[];
  /** The scores of each view. */
  readonly scores: Area;
}

/**
 * The plan of a model.
 * @param arrays all arrays of the model, with the right sizes
 * @throws Error if there are no kernels for the model's layers
 */
export function planForward({ inputShape, layers }: ModelDescription, arrays: Arrays, views: number): ForwardPlan {
  const layout = new ArrayLayout();
  const stages = stagesOf(layers);
  const [channels, height, width] = inputShape;
  const image = placeIn(layout, { channels, stored: IMAGE_CHANNELS, height, width }, { bordered: true });
  const [body, head]: [Step[], Step[]] = [[], []];
  let input = image;
  for (const [index, stage] of stages.entries()) {
    const planned = planStage(stage, input, { layout, arrays, views, next: stages[index + 1] });
    (stage.kind === "weights" && stage.layer.kind === "dense" ? head : body).push(...planned.steps);
    input = planned.output;
  }
  return { layout, image, body, head, scores: input };
}

interface Planning {
  readonly layout: ArrayLayout;
  readonly arrays: Arrays;
  readonly views: number;
  readonly next: Stage | undefined;
}

interface PlannedStage {
  readonly steps: readonly Step[];
  readonly output: Area;
}

type Size = Pick<Area, "height" | "width" | "channels" | "stored">;

function planStage(stage: Stage, input: Area, planning: Planning): PlannedStage {
  const { layout, views } = planning;
  const { height: h, width: w, stored } = input;
  if (stage.kind === "flatten") return { steps: [], output: input };
  if (stage.kind === "globalAveragePool") {
    const output = placeIn(layout, { ...input, height: 1, width: 1 }, { copies: views });
    return { steps: [({ average }, view) => average(input.at, inView(output, view), h * w, stored)], output };
  }
  return stage.layer.kind === "dense"
    ? planDense(stage, stage.layer, input, planning)
    : planConvolution(stage, stage.layer.name, stage.layer.filters, input, planning);
}

type Weights = Extract<Stage, { kind: "weights" }>;

function planConvolution(stage: Weights, name: string, filters: number, input: Area, planning: Planning): PlannedStage {
  const { layout, arrays } = planning;
  const { height, width, channels, stored } = input;
  const taps = layout.place(packDepthwise(arrays.get(`${name}.depthwise.weight`)!, stored));
  const mixed = placeIn(layout, input, {});
  const weights = packPointwise(arrays.get(`${name}.pointwise.weight`)!, { channels, stored, filters });
  const multiplication = placeMultiplication(stage, { weights, name: `${name}.pointwise` }, planning);
  const shrink = stage.pooled ? 1 : 0;
  const size = { height: height >> shrink, width: width >> shrink, channels: filters, stored: paddedOutputs(filters) };
  const output = outputOf(size, planning);
  const mix: Step = stage.pooled
    ? ({ multiplyPooled }, view) =>
        multiplyPooled(
          mixed.at,
          ...multiplication,
          inView(output, view),
          output.rowBytes,
          height,
          width,
          stored,
          channels,
          output.stored,
        )
    : ({ multiplyMatrix }, view) =>
        multiplyMatrix(
          mixed.at,
          ...multiplication,
          inView(output, view),
          output.rowBytes,
          // If there is no border, all pixels are one row.
          ...(output.inner === output.at ? ([1, height * width] as const) : ([height, width] as const)),
          stored,
          output.stored,
        );
  return { steps: [({ depthwise }) => depthwise(input.at, taps, mixed.at, height, width, stored), mix], output };
}

function planDense(
  stage: Weights,
  { name, units }: { readonly name: string; readonly units: number },
  input: Area,
  planning: Planning,
): PlannedStage {
  const { layout, arrays, views } = planning;
  const { channels, stored } = input;
  const pixels = input.height * input.width;
  const inputs = pixels * stored;
  const weights = packDense(arrays.get(`${name}.weight`)!, { pixels, channels, stored, units });
  const multiplication = placeMultiplication(stage, { weights, name }, planning);
  const size = { height: 1, width: 1, channels: units, stored: paddedOutputs(units) };
  const output = placeIn(layout, size, { copies: views });
  return {
    steps: [
      ({ multiplyMatrix }) =>
        multiplyMatrix(input.at, ...multiplication, output.at, 0, 1, views, inputs, output.stored),
    ],
    output,
  };
}

/** Places the weights of a stage's multiplication, and what follows it. */
function placeMultiplication(
  stage: Weights,
  { weights, name }: { readonly weights: Float32Array; readonly name: string },
  { layout, arrays }: Planning,
): Multiplication {
  const { bias, relu, slope, offset } = packAfterMatrix(stage, name, arrays);
  const floor = relu ? 0 : Number.NEGATIVE_INFINITY;
  return [layout.place(weights), layout.place(bias), floor, layout.place(slope), layout.place(offset)];
}

/** Where a stage of the body writes: as the next stage reads it. The results of the last one are kept per view. */
function outputOf(size: Size, { layout, next, views }: Planning): Area {
  const bordered = next?.kind === "weights" && next.layer.kind === "separableConvolution";
  return placeIn(layout, size, { bordered, copies: !next || next.kind === "flatten" ? views : 1 });
}

function placeIn(
  layout: ArrayLayout,
  { height, width, channels, stored }: Size,
  { bordered = false, copies = 1 }: { readonly bordered?: boolean; readonly copies?: number },
): Area {
  const border = bordered ? 1 : 0;
  const rowBytes = (width + 2 * border) * stored * 4;
  const bytes = (height + 2 * border) * rowBytes;
  const at = layout.reserve((bytes * copies) / 4);
  const inner = at + border * (rowBytes + stored * 4);
  return { at, inner, rowBytes, viewBytes: copies > 1 ? bytes : 0, height, width, channels, stored };
}

const inView = ({ inner, viewBytes }: Area, view: number): Address => inner + view * viewBytes;
