/** A chart of curves with its legend, and the newest values in words for those who do not see it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { theme } from "../../../look/theme.ts";
import type { Curve, DrawnChart } from "./uplot_chart.ts";

interface ChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
}

export function CurveChart({ title, curves }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<DrawnChart>(undefined);
  const newest = useRef(curves);
  newest.current = curves;
  const isDark = useDarkness();
  const shape = JSON.stringify(curves.map(({ name, colour, dash }) => [name, colour, dash]));
  useEffect(() => {
    let isGone = false;
    void import("./uplot_chart.ts").then(({ drawChart }) => {
      if (!isGone) chart.current = drawChart(element.current!, newest.current);
    });
    return () => {
      isGone = true;
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [shape, isDark, theme.value]);
  useEffect(() => chart.current?.update(curves), [curves]);
  return (
    <figure class="curves">
      <figcaption>{title}</figcaption>
      <div
        ref={element}
        class="curves-plot"
        role="img"
        aria-label={`${title}: ${curves.map(newestText).join("; ")}.`}
      />
      <ul class="curves-legend">
        {curves.map((curve) => (
          <li key={curve.name}>
            <svg width="26" height="10" aria-hidden="true">
              <line
                x1="1"
                x2="25"
                y1="5"
                y2="5"
                stroke={`var(${curve.colour})`}
                stroke-width="2.5"
                stroke-dasharray={curve.dash?.join(" ")}
              />
            </svg>
            {newestText(curve)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function newestText({ name, x, y }: Curve): string {
  const last = y.findLastIndex((value) => value !== null);
  return last < 0 ? `${name}: none yet` : `${name} ${y[last]!.toFixed(4)} at ${Number(x[last]!.toFixed(2))}`;
}

/** Whether the system asks for dark colours; a canvas must be drawn again if this changes. */
function useDarkness(): boolean {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const listen = () => setDark(query.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  return isDark;
}
