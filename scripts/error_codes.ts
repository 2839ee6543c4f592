/** Writes docs/errors.md, the page of the codes of user mistakes: npm run error-codes, after a code was added. */
import { writeFileSync } from "node:fs";
import { errorsPage } from "./errors_page.ts";

writeFileSync(new URL("../docs/errors.md", import.meta.url), errorsPage());
