/** Writes config.schema.json, the JSON Schema of a configuration file: npm run schema, after an option was changed. */
import { writeFileSync } from "node:fs";
import { COMMANDS } from "../src/app/cli/commands.ts";
import { configSchema } from "../src/app/cli/config/schema.ts";

writeFileSync(
  new URL("../config.schema.json", import.meta.url),
  `${JSON.stringify(await configSchema(COMMANDS), null, 2)}\n`,
);
