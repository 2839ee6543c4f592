/** The threshold: a slider, a number, buttons that jump, and keys. */
import type { TargetedKeyboardEvent } from "preact";
import { useKeys } from "../../state/keys.ts";
import { type Judgement, shareIn, stepped } from "./judgement.ts";
import { toggleDigits } from "./number.tsx";

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.001,
  ArrowDown: -0.001,
  ArrowRight: 0.001,
  ArrowUp: 0.001,
  PageDown: -0.05,
  PageUp: 0.05,
};

export function ThresholdPanel({ judgement }: { readonly judgement: Judgement }) {
  const { threshold, jumps } = judgement;
  const move = (by: number) => {
    threshold.value = stepped(threshold.value + by);
  };
  useKeys(
    "Threshold",
    [
      { key: "]", does: "Raise by 0.01", run: () => move(0.01) },
      { key: "[", does: "Lower by 0.01", run: () => move(-0.01) },
      { key: ".", does: "Raise by 0.001", run: () => move(0.001) },
      { key: ",", does: "Lower by 0.001", run: () => move(-0.001) },
      ...jumps.map((jump) => ({
        key: jump.key,
        does: jump.name,
        run: () => {
          threshold.value = jump.threshold;
        },
      })),
      { key: "d", does: "All digits of the numbers", run: toggleDigits },
    ],
    [judgement],
  );
  return (
    <section class="card threshold-panel" aria-labelledby="threshold-title">
      <h2 id="threshold-title">Threshold</h2>
      <ThresholdSlider judgement={judgement} />
      <div class="row">
        {jumps.map((jump) => (
          <button
            type="button"
            key={jump.name}
            aria-pressed={threshold.value === jump.threshold}
            title={`${jump.threshold} (${jump.key.toUpperCase()})`}
            onClick={() => {
              threshold.value = jump.threshold;
            }}
          >
            {jump.name}
          </button>
        ))}
      </div>
      <p class="muted">
        A patch is called {judgement.words.positive} from this probability on. A threshold that is chosen on the split
        that it is judged on looks better than it is.
      </p>
    </section>
  );
}

function ThresholdSlider({ judgement: { threshold, estimates, words } }: { readonly judgement: Judgement }) {
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    const step = STEPS[event.key];
    const end = event.key === "Home" ? 0 : event.key === "End" ? 1 : undefined;
    if ((step === undefined && end === undefined) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    threshold.value = end ?? stepped(threshold.value + step! * (event.shiftKey ? 10 : 1));
  };
  const { sensitivity, specificity } = estimates.value.metrics;
  return (
    <div class="slider-row">
      <input
        type="range"
        min={0}
        max={1}
        step="any"
        value={threshold.value}
        aria-label="Threshold"
        aria-valuetext={`${words.positive} from ${threshold.value}: sensitivity ${sensitivity.value?.toFixed(3)}, specificity ${specificity.value?.toFixed(3)}`}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          threshold.value = stepped(Number(event.currentTarget.value));
        }}
      />
      <input
        type="number"
        min={0}
        max={1}
        step="any"
        value={threshold.value}
        aria-label="Threshold as a number"
        onInput={(event) => {
          const value = shareIn(event.currentTarget.value);
          if (value !== undefined) threshold.value = value;
        }}
        onBlur={(event) => {
          event.currentTarget.value = String(threshold.value);
        }}
      />
    </div>
  );
}
