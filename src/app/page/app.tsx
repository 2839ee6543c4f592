/** The frame of the page: the research-use notice, the model, what is chosen, and the results. */
import { useEffect } from "preact/hooks";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { nextTheme, theme } from "../look/theme.ts";
import { Chooser, takeDropsAndPastes } from "./chooser.tsx";
import { ModelSection } from "./model_section.tsx";
import { models, software } from "./models.ts";
import { OFFLINE_TEXTS, offline } from "./offline.ts";
import { ResultSection } from "./results.tsx";
import { SlideSection } from "./slides/slide_section.tsx";

export function App() {
  useEffect(takeDropsAndPastes, []);
  return (
    <>
      <header class="top">
        <div class="bar">
          <span class="brand">cancernet</span>
          <strong class="notice">{RESEARCH_USE_NOTICE}</strong>
          <div class="bar-end">
            <button type="button" onClick={nextTheme} title="Light, dark, or as the system">
              {theme.value === "system" ? "Auto" : theme.value === "dark" ? "Dark" : "Light"}
            </button>
          </div>
        </div>
      </header>
      <main>
        <h1>{headline()}</h1>
        <p>Your images stay in this browser: nothing is uploaded.</p>
        <Chooser />
        <SlideSection />
        <ResultSection />
        <ModelSection />
      </main>
      <footer>
        <span role="status">{OFFLINE_TEXTS[offline.value]}</span> {software.value} <a href="./licences.txt">Licences</a>
      </footer>
    </>
  );
}

function headline(): string {
  const [first] = models.value;
  if (!first) return "Classify patches of tissue";
  const [negative, positive] = first.model.classNames;
  return `Classify patches of tissue: ${positive} or ${negative}`;
}
