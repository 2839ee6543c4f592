/**
 * Runs the fast tests again whenever a file that they load is saved: `npm run watch`, or `npm run watch -- metrics` for
 * one folder of test/.
 */
import { spawnSync } from "node:child_process";
import { isSlow, testFiles } from "./test_files.ts";

const files = testFiles(process.argv.slice(2)).filter((path) => !isSlow(path));
// One process per file: otherwise Node cannot determine which files a test loads.
spawnSync(process.execPath, ["--test", "--watch", "--test-reporter=dot", ...files], { stdio: "inherit" });
