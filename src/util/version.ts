/** The software's own version. */
import { createRequire } from "node:module";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** Name and version of this program, such as "cancernet 0.1.0", as its files record it. */
export const SOFTWARE = `cancernet ${version}`;

/** The version of Node that runs it, such as "v24.21.0". */
export const NODE_VERSION = process.version;
