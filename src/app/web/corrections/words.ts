/** The sentences about corrections. */
import type { CorrectionLabel } from "../../../artifacts/corrections/entries.ts";
import { counted } from "../../../util/numbers.ts";
import type { HistoryEntry } from "../../api/corrections.ts";

type ClassNames = readonly [string, string];

/** "IDC", "no IDC", "excluded", "unsure". */
export function labelWords(label: CorrectionLabel, [negative, positive]: ClassNames): string {
  return { positive, negative, exclude: "excluded", unsure: "unsure" }[label];
}

/** "12 patches marked as IDC." */
export function markedSentence(patches: number, label: CorrectionLabel | null, names: ClassNames): string {
  const subject = counted(patches, "patch");
  if (label === null) return `${subject} back to the dataset's label.`;
  if (label === "exclude") return `${subject} excluded.`;
  return `${subject} marked as ${labelWords(label, names)}.`;
}

const STEPS = { undone: "Undone", redone: "Done again" } as const;

/** What an entry of the history did: "12 patches marked as IDC." */
export function entrySentence(entry: HistoryEntry, names: ClassNames): string {
  const { kind, patches, label, text, step } = entry;
  if (step !== "done") return `${STEPS[step]}: ${entrySentence({ ...entry, step: "done" }, names)}`;
  if (kind === "note") return text ? `Note on ${counted(patches, "patch")}: ${text}` : "Note removed.";
  if (kind === "blind" && label) return `Blind verdict: ${labelWords(label, names)}.`;
  if (kind === "slide" && label)
    return `${counted(patches, "patch")} of a slide marked as ${labelWords(label, names)}.`;
  return kind === "slide" ? `${counted(patches, "patch")} of a slide erased.` : markedSentence(patches, label, names);
}
