/** The commands that make datasets. */
import { type CommandRow, commandRow, later } from "../command_row.ts";

export const DATA_COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "prepare",
    group: "data",
    summary: "Build a dataset from a folder or archive of patches.",
    finishes: "the current files",
    examples: ["cancernet prepare archive.zip --out dataset"],
    load: async () => {
      const { prepareOptions, settledShares } = await import("../../../options/prepare.ts");
      const { prepareLines } = await import("../../../reports/dataset/text.ts");
      return {
        options: prepareOptions,
        run: later(async () => (await import("../../../workflows/prepare.ts")).prepare),
        settled: settledShares,
        text: prepareLines,
      };
    },
  }),
  commandRow({
    name: "correct",
    group: "data",
    summary: "Make a dataset with corrected labels from a dataset and the journal of its corrections.",
    finishes: "the current patches",
    examples: ["cancernet correct dataset corrections/dataset-1a2b3c4d.jsonl --out dataset2"],
    load: async () => {
      const { correctOptions } = await import("../../../options/correct.ts");
      const { correctLines } = await import("../../../reports/correction/text.ts");
      return {
        options: correctOptions,
        run: later(async () => (await import("../../../workflows/correct.ts")).correct),
        text: correctLines,
      };
    },
  }),
];
