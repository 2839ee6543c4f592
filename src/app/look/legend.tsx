/** The colours of the map from 0 to 1, with a mark at the threshold. */
import { useEffect, useRef } from "preact/hooks";
import { sequential } from "../../histology/image/colour_map.ts";

const STEPS = 256;

export function Legend({ threshold, title }: { readonly threshold: number; readonly title: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    for (let step = 0; step < STEPS; step++) {
      context.fillStyle = `rgb(${sequential(step / (STEPS - 1)).join(",")})`;
      context.fillRect(step, 0, 1, 1);
    }
  }, []);
  return (
    <figure class="legend">
      <div class="legend-bar">
        <canvas ref={canvas} width={STEPS} height={1} />
        <span class="legend-mark" style={{ left: `${100 * threshold}%` }} />
      </div>
      <figcaption>
        <span>0</span>
        <span>{title}</span>
        <span>1</span>
      </figcaption>
    </figure>
  );
}
