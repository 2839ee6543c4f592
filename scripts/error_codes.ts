/** Writes docs/errors.md, the list of error codes. Run `npm run error-codes` after adding a code. */
import { writeFileSync } from "node:fs";
import { errorsPage } from "./errors_page.ts";

writeFileSync(new URL("../docs/errors.md", import.meta.url), errorsPage());
