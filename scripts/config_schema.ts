/**
 * Writes config.schema.json, the JSON Schema of the configuration file. Run `npm run schema` after changing an option.
 */
import { writeFileSync } from "node:fs";
import { COMMANDS } from "../src/app/cli/commands.ts";
import { configSchema } from "../src/app/cli/config/schema.ts";

writeFileSync(
  new URL("../config.schema.json", import.meta.url),
  `${JSON.stringify(await configSchema(COMMANDS), null, 2)}\n`,
);
