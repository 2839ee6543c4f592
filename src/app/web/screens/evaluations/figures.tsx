/** The report's charts, with marks that follow the threshold and bars that lead to their patches. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Drawings } from "../../../../reports/evaluation/drawing.ts";
import { decimal } from "../../../../reports/html/elements.ts";
import { counted } from "../../../../util/numbers.ts";
import { Problem, useLoaded } from "../../parts/basics.tsx";
import type { Judgement } from "./judgement.ts";

/** The place of a chart's area in its drawing, in percent. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function Figures({ judgement }: { readonly judgement: Judgement }) {
  const { id, report } = judgement;
  const { value: drawings, problem } = useLoaded<Drawings>(`charts ${id}`, async (signal) => {
    const { drawnInPage } = await import("./draw.ts");
    return drawnInPage(report, signal);
  });
  if (problem) return <Problem>{problem}</Problem>;
  if (!drawings) return <p class="muted">Drawing the charts...</p>;
  const { auroc, auprc, calibration_error } = report.metrics;
  return (
    <div class="figures">
      <Figure title={`ROC, area ${decimal(auroc.value)}`} drawing={drawings.roc}>
        {() => <RocMark judgement={judgement} />}
      </Figure>
      <Figure title={`Precision-recall, area ${decimal(auprc.value)}`} drawing={drawings.precisionRecall}>
        {() => <PrecisionMark judgement={judgement} />}
      </Figure>
      <Figure
        title={`Reliability, calibration error ${decimal(calibration_error.value)}`}
        drawing={drawings.reliability}
        note="A bar shows the patches of its bin."
      >
        {() => <Bars judgement={judgement} />}
      </Figure>
      <Figure title="Probabilities by label" drawing={drawings.scores}>
        {() => <ThresholdLine judgement={judgement} />}
      </Figure>
      <Figure title="Decision curve" drawing={drawings.decision}>
        {() => <ThresholdLine judgement={judgement} />}
      </Figure>
      <Figure title="Training" drawing={drawings.training} />
    </div>
  );
}

interface FigureProps {
  readonly title: string;
  readonly drawing: Drawings["roc"];
  readonly note?: string;
  /** What lies over each area of the chart. */
  readonly children?: () => ComponentChildren;
}

function Figure({ title, drawing, note, children }: FigureProps) {
  const box = useRef<HTMLDivElement>(null);
  const [areas, setAreas] = useState<readonly Area[]>([]);
  useEffect(() => {
    if (!drawing || !box.current) return;
    box.current.innerHTML = String(drawing);
    // The drawing is one picture with one description, so its parts need no roles.
    for (const part of box.current.querySelectorAll("svg [role]")) part.removeAttribute("role");
    setAreas(areasOf(box.current));
  }, [drawing]);
  if (!drawing) return null;
  return (
    <figure class="card chart">
      <div class="drawing">
        <div ref={box} />
        {children &&
          areas.map((area, place) => (
            <div
              key={String(place)}
              class="area"
              style={{ left: `${area.left}%`, top: `${area.top}%`, width: `${area.width}%`, height: `${area.height}%` }}
            >
              {children()}
            </div>
          ))}
      </div>
      <figcaption>
        {title}. {note}
      </figcaption>
    </figure>
  );
}

/** Finds the areas that axes frame: their backgrounds have a line around them. */
function areasOf(box: HTMLElement): Area[] {
  const whole = box.querySelector("svg")!.getBoundingClientRect();
  return [...box.querySelectorAll<SVGPathElement>("path.background[stroke]")].map((path) => {
    const own = path.getBoundingClientRect();
    return {
      left: (100 * (own.left - whole.left)) / whole.width,
      top: (100 * (own.top - whole.top)) / whole.height,
      width: (100 * own.width) / whole.width,
      height: (100 * own.height) / whole.height,
    };
  });
}

function RocMark({ judgement }: { readonly judgement: Judgement }) {
  const { sensitivity, specificity } = judgement.estimates.value.metrics;
  if (sensitivity.value === null || specificity.value === null) return null;
  return <Mark x={1 - specificity.value} y={sensitivity.value} />;
}

function PrecisionMark({ judgement }: { readonly judgement: Judgement }) {
  const { sensitivity, ppv } = judgement.estimates.value.metrics;
  if (sensitivity.value === null || ppv.value === null) return null;
  return <Mark x={sensitivity.value} y={ppv.value} />;
}

function Mark({ x, y }: { readonly x: number; readonly y: number }) {
  return <div class="mark" style={{ left: `${100 * x}%`, bottom: `${100 * y}%` }} />;
}

function ThresholdLine({ judgement: { threshold } }: { readonly judgement: Judgement }) {
  return <div class="threshold-line" style={{ left: `${100 * threshold.value}%` }} />;
}

function Bars({ judgement: { report, selected } }: { readonly judgement: Judgement }) {
  const { bins } = report.calibration.after;
  return (
    <>
      {bins.map(({ low, high, patches, share }, bin) => {
        const isSelected = selected.value !== null && "bin" in selected.value && selected.value.bin === bin;
        if (patches === 0 || share === null) return null;
        return (
          <button
            type="button"
            key={String(bin)}
            class="bar-of-bin"
            aria-pressed={isSelected}
            aria-label={`Probability ${decimal(low, 1)} to ${decimal(high, 1)}: ${counted(patches, "patch")}, observed share ${decimal(share)}: show them`}
            title={`${counted(patches, "patch")}, observed share ${decimal(share)}`}
            style={{ left: `${100 * low}%`, width: `${100 * (high - low)}%`, "--share": `${100 * share}%` }}
            onClick={() => {
              selected.value = isSelected ? null : { bin };
            }}
          />
        );
      })}
    </>
  );
}
