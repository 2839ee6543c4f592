/** Runs the fast tests again whenever a file that they load is saved: `npm run watch`, or `npm run watch -- metrics` for one folder of test/. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, sep } from "node:path";

const rooms = process.argv.slice(2);
const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((path) => join("test", path))
  .filter((path) => path.endsWith(".test.ts") && !path.endsWith(".slow.test.ts"))
  .filter((path) => rooms.length === 0 || rooms.some((room) => path.startsWith(join("test", room) + sep)));
if (files.length === 0) {
  console.log(`There is no fast test in ${rooms.join(" or ")}: name a folder of test/.`);
  process.exit(1);
}
// Each file in a process of its own: only so does Node know which files it loads.
spawnSync(process.execPath, ["--test", "--watch", "--test-reporter=dot", ...files], { stdio: "inherit" });
