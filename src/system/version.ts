/** The software's own version. */
import { createRequire } from "node:module";

const { version, engines } = createRequire(import.meta.url)("../../package.json") as {
  version: string;
  engines: { node: string };
};

/** Name and version of this program, such as "cancernet 0.1.0", as its files record it. */
export const SOFTWARE = `cancernet ${version}`;

/** The oldest version of Node that it needs, such as "22.18". */
export const NODE_NEEDED = engines.node.replace(">=", "");

/** The version of Node that runs it, such as "v24.21.0". */
export const NODE_VERSION = process.version;
