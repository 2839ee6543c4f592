/** The chosen slides: which model scores them, and a part of the page per slide. */
import { models } from "../models.ts";
import { SlideCard } from "./slide_card.tsx";
import { slides } from "./slides.ts";

export function SlideSection() {
  const [first, second] = models.value;
  if (slides.value.length === 0) return null;
  return (
    <section aria-labelledby="slides-title">
      <h2 id="slides-title">Slides</h2>
      {second && first && (
        <p>
          Slides are scored by {first.name}, the model of this page. {second.name} classifies patches only.
        </p>
      )}
      {slides.value.map((slide) => (
        <SlideCard key={slide.id} slide={slide} opened={first} />
      ))}
    </section>
  );
}
