/**
 * The process of one of the studio's jobs: `node job.js FOLDER VERB ...`. It locks the job's folder, so that a studio
 * that starts later can see that the job is running, writes its process number there, and runs the command line.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../../system/folder_lock.ts";
import { start } from "./start.ts";

/** A studio that looks at the folder takes the lock for a moment. */
const WAIT_MILLISECONDS = 5000;

const [folder, ...words] = process.argv.slice(2) as [string, ...string[]];
const lock = takeLock(folder, "job.lock", WAIT_MILLISECONDS);
process.on("exit", () => lock.close());
writeFileSync(join(folder, "process.txt"), String(process.pid));
process.argv = [...process.argv.slice(0, 2), ...words];
process.exitCode = await start(process, (code) => process.exit(code));
