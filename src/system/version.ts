/** The versions of this software and of Node. */
import { createRequire } from "node:module";
import { ownFile } from "./own_files.ts";

const description = ownFile("package.json");
const { version, engines } = createRequire(description)(description) as {
  version: string;
  engines: { node: string };
};

/** Name and version of this program as written to its files, for example "cancernet 0.1.0". */
export const SOFTWARE = `cancernet ${version}`;

/** The oldest supported version of Node, for example "22.18". */
export const NODE_NEEDED = engines.node.replace(">=", "");

/** The running version of Node, for example "v24.21.0". */
export const NODE_VERSION = process.version;
