/** The prevalence for PPV and NPV: a slider, a number, and the split's own share. */
import { percent } from "../../../../reports/html/elements.ts";
import { type Judgement, prevalenceOf } from "./judgement.ts";

export function PrevalenceField({ judgement: { prevalence, report, words } }: { readonly judgement: Judgement }) {
  const set = (text: string) => {
    const value = prevalenceOf(text);
    if (value !== undefined) prevalence.value = value;
  };
  return (
    <>
      <label for="prevalence">
        Prevalence <span class="muted">(share of patches {words.withPositive} where the model is used)</span>
      </label>
      <div class="slider-row">
        <input
          type="range"
          min={0.005}
          max={0.995}
          step={0.005}
          value={prevalence.value}
          aria-label="Prevalence, slider"
          aria-valuetext={percent(prevalence.value)}
          onInput={(event) => set(event.currentTarget.value)}
        />
        <input
          id="prevalence"
          type="number"
          min={0}
          max={1}
          step="any"
          value={prevalence.value}
          onInput={(event) => set(event.currentTarget.value)}
          onBlur={(event) => {
            event.currentTarget.value = String(prevalence.value);
          }}
        />
        <button type="button" class="quiet" onClick={() => set(String(report.prevalence.own))}>
          As in this split
        </button>
      </div>
    </>
  );
}
