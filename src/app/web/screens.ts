/** The table of screens: the first part of the address, the words of the menu, and the component, loaded when needed. */
import type { ComponentType } from "preact";

export interface Screen {
  /** The first part of the address; "" is the start. */
  readonly name: string;
  /** The words in the menu; undefined for a screen that other screens lead to. */
  readonly title: string;
  /** The key that leads to it, after "g". */
  readonly key: string;
  load(): Promise<ComponentType>;
}

export const SCREENS: readonly Screen[] = [
  { name: "", title: "Overview", key: "o", load: async () => (await import("./screens/overview.tsx")).Overview },
  {
    name: "datasets",
    title: "Datasets",
    key: "d",
    load: async () => (await import("./screens/datasets/datasets.tsx")).DatasetsScreen,
  },
  { name: "runs", title: "Runs", key: "r", load: async () => (await import("./screens/runs/index.tsx")).RunsScreen },
  {
    name: "evaluations",
    title: "Evaluations",
    key: "e",
    load: async () => (await import("./screens/evaluations/index.tsx")).EvaluationsScreen,
  },
  {
    name: "queue",
    title: "Look next",
    key: "q",
    load: async () => (await import("./screens/queue/index.tsx")).QueueScreen,
  },
  {
    name: "corrections",
    title: "Corrections",
    key: "c",
    load: async () => (await import("./screens/corrections/index.tsx")).CorrectionsScreen,
  },
  {
    name: "slides",
    title: "Slides",
    key: "s",
    load: async () => (await import("./screens/slides/index.tsx")).SlidesScreen,
  },
  {
    name: "workers",
    title: "Workers",
    key: "w",
    load: async () => (await import("./screens/workers/index.tsx")).WorkersScreen,
  },
  { name: "jobs", title: "Jobs", key: "j", load: async () => (await import("./screens/jobs/index.tsx")).JobsScreen },
];
