/** A work whose units write one file each. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kindOf } from "../../src/system/files.ts";
import { folderResults } from "../../src/units/folder_results.ts";
import type { Unit, Work } from "../../src/units/work.ts";

export interface ToyWork extends Work<Unit, string> {
  /** The units that were filled, in this order. */
  readonly filled: string[];
}

/** @param content what a unit writes; it may throw */
export function toyWork(
  folder: string,
  names: readonly string[],
  content: (name: string, place: string, earlier: readonly string[]) => string | Promise<string> = (name) => name,
): ToyWork {
  const filled: string[] = [];
  return {
    verb: "toy",
    results: folderResults(folder),
    filled,
    units: names.map((name) => ({ name })),
    async open({ name }) {
      const done = (await kindOf(join(folder, name, "result.txt"))) === "file" ? name : undefined;
      return {
        done,
        async fill(place, earlier) {
          const text = await content(name, place, earlier);
          await writeFile(join(place, "result.txt"), text);
          filled.push(name);
          return name;
        },
        async close() {},
      };
    },
    read: async ({ name }) => ((await kindOf(join(folder, name, "result.txt"))) === "file" ? name : undefined),
    recorded: (_, message) => message.replaceAll(folder, "results"),
    async close() {},
  };
}
