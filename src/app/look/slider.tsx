/** A slider from 0 to 1 with its label and its value as text. */

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly step: number;
  readonly text: string;
  readonly put: (value: number) => void;
}

export function Slider({ label, value, step, text, put }: SliderProps) {
  return (
    <label class="slider">
      <span>{label}</span>
      <input
        type="range"
        min={0}
        max={1}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={({ currentTarget }) => put(currentTarget.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  );
}
