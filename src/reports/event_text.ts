/** Formats the events of a job as lines for the terminal. */
import { positionText } from "../artifacts/training_position.ts";
import { commandLine } from "../options/command_line.ts";
import { counted, whole } from "../util/numbers.ts";
import type { JobEvent } from "../util/reporter.ts";
import { visible } from "../util/terminal_text.ts";
import { keptText } from "./training/text.ts";

/** The lines for an event; empty if the event needs no line of its own. */
export function eventLines(event: JobEvent): readonly string[] {
  switch (event.event) {
    case "device":
      return [`Device: ${event.device}, ${event.reason}.`];
    case "timing":
      return [timingText(event.milliseconds)];
    case "resumed":
      return [`Resuming from ${positionText(event)}.`];
    case "kept":
      return [keptText(event)];
    case "resumable":
      return [
        event.command
          ? `Resume with: ${commandLine(...event.command)}`
          : `Resume with the same command: ${event.kept}.`,
      ];
    case "fold":
      return [foldText(event)];
    case "row":
      return [rowText(event)];
    case "serving":
      return [`Studio: ${event.address}`, "Open this address in a browser on this machine; Ctrl-C ends the studio."];
    case "served":
      return servedText(event);
    case "epoch": // Shown in the progress line instead.
    case "item": // The command decides how to show an item.
    case "step":
      return [];
  }
}

function timingText(milliseconds: Readonly<Record<string, number>>): string {
  const rounded = (value: number) => `${Math.round(value)} ms`;
  const parts = Object.entries(milliseconds).map(([part, value]) => `${part} ${rounded(value)}`);
  const all = Object.values(milliseconds).reduce((sum, value) => sum + value, 0);
  return `Time: ${parts.join(", ")}; ${rounded(all)} in all.`;
}

function servedText({ running, stopped }: Extract<JobEvent, { event: "served" }>): string[] {
  if (running === 0) return [];
  const jobs = counted(running, "job");
  return [
    stopped ? `Stopped ${jobs}; the studio can resume.` : `Still running: ${jobs}. Start the studio again to see.`,
  ];
}

function foldText(event: Extract<JobEvent, { event: "fold" }>): string {
  const title = `${event.row ? `Row ${event.row.number}/${event.row.of}, fold` : "Fold"} ${event.number}/${event.of}`;
  if (event.status === "started") {
    const { train_cases, val_cases, test_cases } = event;
    return `${title}: ${counted(train_cases, "case")} to train on, ${whole(val_cases)} for validation, ${whole(test_cases)} to test.`;
  }
  const { epoch, positive, threshold } = event;
  return `${title}: done; epoch ${epoch} was kept, ${visible(positive)} from ${threshold.toFixed(4)} on.`;
}

function rowText(event: Extract<JobEvent, { event: "row" }>): string {
  const title = `Row ${event.number}/${event.of}: ${event.setting} with seed ${event.seed}`;
  if (event.status === "started") return `${title}.`;
  if (event.error !== null) return `${title} failed: ${event.error}`;
  return `${title} ${event.was_done ? "was done before" : "is done"}.`;
}
