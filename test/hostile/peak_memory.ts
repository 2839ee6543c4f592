/** Loaded before the program: when it ends, its peak resident memory in megabytes goes to file descriptor 3. */
import { writeSync } from "node:fs";

process.on("exit", () => writeSync(3, String(Math.round(process.resourceUsage().maxRSS / 1024))));
