/** Where a person enters the width of a slide's pixels if the file does not state it. Then the slide is scored again. */
import { useState } from "preact/hooks";
import { restart } from "./queue.ts";
import type { ChosenSlide } from "./slides.ts";

/** The range of "micronsPerPixel" (browser/slides/settings.ts). */
const [LEAST, MOST] = [0.01, 100];

export function ScaleForm({ slide }: { readonly slide: ChosenSlide }) {
  const [text, setText] = useState(String(slide.given.peek() ?? ""));
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        restart(slide, Number(text));
      }}
    >
      <label>
        Micrometres per pixel{" "}
        <input
          class="short"
          type="number"
          required
          min={LEAST}
          max={MOST}
          step="any"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit">Score with this value</button>
      <span class="muted">Usual are 0.5 at 20x and 0.25 at 40x.</span>
    </form>
  );
}
