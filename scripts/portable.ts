/**
 * Prints how many lines of each folder of src load without Node, and which imports prevent more: `npm run portable`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { resolved, waysToNode } from "./architecture_rules.ts";
import { scan } from "./scan_imports.ts";

const MOST_OBSTACLES = 15;

const paths = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
  .map((path) => posix.join("src", path.replaceAll("\\", "/")));
const lines = new Map<string, number>();
const values = new Map<string, string[]>();
for (const path of paths) {
  const text = readFileSync(path, "utf8");
  lines.set(path, text.split("\n").length - 1);
  values.set(path, resolved(path, scan(text).values));
}
const ways = waysToNode(values);
const linesOf = (some: Iterable<string>): number => [...some].reduce((sum, path) => sum + lines.get(path)!, 0);
const share = (part: number, all: number): string => `${((100 * part) / all).toFixed(1).padStart(5)} %`;

const rooms = Map.groupBy(paths, (path) => path.split("/")[1]!);
for (const [room, own] of rooms) {
  const free = linesOf(own.filter((path) => !ways.has(path)));
  console.log(`${room.padEnd(12)} ${share(free, linesOf(own))}  ${String(free).padStart(6)} of ${linesOf(own)} lines`);
}
const free = linesOf(paths.filter((path) => !ways.has(path)));
console.log(
  `${"src".padEnd(12)} ${share(free, linesOf(paths))}  ${String(free).padStart(6)} of ${linesOf(paths)} lines load without Node\n`,
);

// An import counts for every file whose shortest chain to Node ends with it.
const obstacles = Map.groupBy([...ways.values()], (way) => way.slice(-2).join(" -> "));
const sorted = [...obstacles]
  .map(([link, blocked]) => [link, linesOf(blocked.map(([path]) => path!))] as const)
  .sort(([, a], [, b]) => b - a);
console.log("What prevents more, by the lines whose shortest way to Node ends there:");
for (const [link, count] of sorted.slice(0, MOST_OBSTACLES)) console.log(`${String(count).padStart(6)}  ${link}`);
