/** The table of commands, in the order of their list. */
import type { CommandRow } from "./command_row.ts";
import { DATA_COMMANDS } from "./commands/data.ts";
import { MACHINE_COMMANDS } from "./commands/machine.ts";
import { MEASURE_COMMANDS } from "./commands/measure.ts";
import { TRAIN_COMMANDS } from "./commands/train.ts";
import { USE_COMMANDS } from "./commands/use.ts";

export const COMMANDS: readonly CommandRow[] = [
  ...DATA_COMMANDS,
  ...TRAIN_COMMANDS,
  ...MEASURE_COMMANDS,
  ...USE_COMMANDS,
  ...MACHINE_COMMANDS,
];
