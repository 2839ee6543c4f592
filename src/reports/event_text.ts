/** The events of a job in the lines that a person reads. */
import { positionText } from "../artifacts/training_position.ts";
import { commandLine } from "../options/command_line.ts";
import { counted, whole } from "../util/numbers.ts";
import type { JobEvent } from "../util/reporter.ts";
import { visible } from "../util/terminal_text.ts";
import { keptText } from "./training/text.ts";

/** The lines of an event; none if it says nothing that is not shown otherwise. */
export function eventLines(event: JobEvent): readonly string[] {
  switch (event.event) {
    case "device":
      return [`Device: ${event.device}, ${event.reason}.`];
    case "resumed":
      return [`Going on from ${positionText(event)}.`];
    case "kept":
      return [keptText(event)];
    case "resumable":
      return [
        event.command ? `Go on with: ${commandLine(...event.command)}` : `Go on with the same command: ${event.kept}.`,
      ];
    case "fold":
      return [foldText(event)];
    case "epoch": // The line of its progress shows it.
    case "item": // What is shown of an item is the command's to say.
    case "step":
      return [];
  }
}

function foldText(event: Extract<JobEvent, { event: "fold" }>): string {
  const title = `Fold ${event.number}/${event.of}`;
  if (event.status === "started") {
    const { train_cases, val_cases, test_cases } = event;
    return `${title}: ${counted(train_cases, "case")} to train on, ${whole(val_cases)} for validation, ${whole(test_cases)} to test.`;
  }
  const { epoch, positive, threshold } = event;
  return `${title}: done; epoch ${epoch} was kept, ${visible(positive)} from ${threshold.toFixed(4)} on.`;
}
