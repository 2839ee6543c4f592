/** Draws curves with uPlot into an element. A chunk of its own: only screens with curves load it. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** A line of a chart. `x` rises. */
export interface Curve {
  readonly name: string;
  /** A variable of the style sheet: "--chart-blue". */
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Whether single points are marked, as one value per epoch needs it. */
  readonly hasPoints: boolean;
}

export interface DrawnChart {
  update(curves: readonly Curve[]): void;
  destroy(): void;
}

const HEIGHT_PIXELS = 230;
const FONT = "12px system-ui, sans-serif";

/** Draws curves that grow: `update` takes the same curves with other points. */
export function drawChart(element: HTMLElement, curves: readonly Curve[]): DrawnChart {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--chart-text"),
    font: FONT,
    grid: { stroke: colour("--chart-grid"), width: 1 },
    ticks: { stroke: colour("--chart-axis"), width: 1 },
  };
  const plot = new uPlot(
    {
      width: Math.max(200, element.clientWidth),
      height: HEIGHT_PIXELS,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, Math.ceil(high ?? 1))] },
      },
      axes: [axis, { ...axis, size: 55 }],
      series: [
        {},
        ...curves.map(
          ({ colour: name, dash, hasPoints }): uPlot.Series => ({
            stroke: colour(name),
            width: 1.75,
            spanGaps: true,
            ...(dash ? { dash: [...dash] } : {}),
            points: { show: hasPoints, size: 6, fill: colour(name), stroke: colour(name) },
          }),
        ),
      ],
    },
    aligned(curves),
    element,
  );
  const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PIXELS }));
  observer.observe(element);
  return {
    update: (next) => plot.setData(aligned(next)),
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

function aligned(curves: readonly Curve[]): uPlot.AlignedData {
  const tables = curves.map(({ x, y }): uPlot.AlignedData => [[...x], [...y]]);
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}
