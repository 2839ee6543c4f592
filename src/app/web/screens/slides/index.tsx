/** The screen of slides: the list, or one slide. */
import "./slides.css";
import { useComputed } from "@preact/signals";
import { route } from "../../state/route.ts";
import { AllSlides } from "./list.tsx";
import { SlidePage } from "./slide.tsx";

export function SlidesScreen() {
  const id = useComputed(() => route.value.id).value;
  return id === "" ? <AllSlides /> : <SlidePage key={id} id={id} />;
}
