/** The scale bar on the slide. */
import { type SlideScale, scaleBar } from "./scale_bar.ts";

const MOST_PIXELS = 160;

export function ScaleBarMark({ zoom, scale }: { readonly zoom: number; readonly scale: SlideScale }) {
  if (zoom <= 0) return null;
  const { pixels, text } = scaleBar(zoom, scale, MOST_PIXELS);
  return (
    <div class="scale-bar" title={`Scale: ${scale.basis}`}>
      <span>{text}</span>
      <span class="scale-bar-line" style={{ width: `${pixels}px` }} />
    </div>
  );
}
