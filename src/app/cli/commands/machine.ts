/** The commands about this machine. */
import { type CommandRow, commandRow, later } from "../command_row.ts";

export const MACHINE_COMMANDS: readonly CommandRow[] = [
  commandRow({
    name: "demo",
    group: "machine",
    summary: "Run every step once on synthetic tissue; no data is needed.",
    finishes: "the current work",
    examples: ["cancernet demo"],
    load: async () => {
      const { demoOptions } = await import("../../../options/demo.ts");
      const { demoEventLines, demoLines } = await import("../../../reports/demo/text.ts");
      return {
        options: demoOptions,
        run: later(async () => (await import("../../../workflows/demo.ts")).demo),
        text: demoLines,
        eventLines: demoEventLines,
      };
    },
  }),
  commandRow({
    name: "doctor",
    group: "machine",
    summary: "Print what this machine can do and what is wrong with it, for a bug report.",
    finishes: "the current part",
    examples: ["cancernet doctor", "cancernet doctor --json"],
    load: async () => {
      const { doctorOptions } = await import("../../../options/doctor.ts");
      const { doctorLines } = await import("../../../reports/doctor/text.ts");
      return {
        options: doctorOptions,
        run: later(async () => (await import("../../../workflows/doctor.ts")).doctor),
        passed: ({ works }) => works,
        text: doctorLines,
      };
    },
  }),
];
