/** Lists the test files of the repository, or of some folders of test/. */
import { readdirSync } from "node:fs";
import { join, sep } from "node:path";

export const isSlow = (path: string): boolean => path.endsWith(".slow.test.ts");

/**
 * The test files in the given folders of test/, sorted; all test files if no folder is given. If there are none, ends
 * the process with exit code 1.
 * @param rooms names of folders, for example "metrics"
 */
export function testFiles(rooms: readonly string[]): string[] {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" })
    .map((path) => join("test", path))
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => rooms.length === 0 || rooms.some((room) => path.startsWith(join("test", room) + sep)))
    .sort();
  if (files.length > 0) return files;
  console.log(`There is no test in ${rooms.map((room) => join("test", room)).join(" or ")}: name a folder of test/.`);
  process.exit(1);
}
