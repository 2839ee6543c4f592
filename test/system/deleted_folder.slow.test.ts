/** The current folder is deleted, before a command starts or while it runs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { MAIN } from "../support/command.ts";
import { useFolder } from "../support/folder.ts";

const at = useFolder("deleted");
const skip = process.platform === "win32" && "Windows does not delete a current folder";
const MILLISECONDS = 20_000;

test("a command that starts in a deleted folder says so", { skip }, () => {
  mkdirSync(at("gone"));
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", 'cd "$1" && rmdir "$1" && exec "$2" "$3" demo', "sh", at("gone"), process.execPath, MAIN],
    { encoding: "utf8", timeout: MILLISECONDS },
  );
  assert.equal(
    stderr,
    "cancernet: The current folder was deleted: change to another folder, and run the command again.\n",
  );
  assert.deepEqual([status, stdout], [2, ""]);
});

test("folders are made if the current folder is deleted meanwhile: no endless loop", { skip }, () => {
  mkdirSync(at("work"));
  const folder = realpathSync(at("work"));
  const files = resolve("src/system/files.ts");
  const script = `import { rmdirSync } from "node:fs";
    import { makeFolders } from ${JSON.stringify(files)};
    await makeFolders(".");
    rmdirSync(${JSON.stringify(folder)});
    console.log(await makeFolders("a/b"));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    encoding: "utf8",
    timeout: MILLISECONDS,
  });
  assert.deepEqual([status, stdout.trim(), stderr], [0, folder, ""]);
  assert.ok(existsSync(join(folder, "a", "b")));
});
