/** Paths that travel: from folder to folder and back, and what a report shows of them. */
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { pathFrom, resolveFrom, shownPath } from "../../src/system/paths.ts";

test("the way from a folder leads there, wherever both lie", () => {
  assert.equal(pathFrom("work/run", "work/dataset"), "../dataset");
  assert.equal(pathFrom("run", "run"), ".");
  assert.equal(resolveFrom("moved/run", "../dataset"), join("moved", "dataset"));
  assert.equal(resolveFrom("run", resolve("old/dataset")), resolve("old/dataset"));
});

test("property: there and back", () => {
  const path = fc.array(fc.constantFrom("a", "b", "..", "c d"), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(path, path, (one, other) => {
      const [from, to] = [one.join("/"), other.join("/")];
      assert.equal(resolve(resolveFrom(from, pathFrom(from, to))), resolve(to));
    }),
  );
});

test("a report shows a path as it was given, or its last part if it says something of the machine", () => {
  for (const path of ["run", "./idc", "data/dataset", "../dataset"]) assert.equal(shownPath(path), path);
  const user = basename(homedir());
  for (const path of [
    resolve("data/dataset"),
    join(homedir(), "dataset"),
    `${"../".repeat(40)}srv/dataset`,
    `${pathFrom(".", "/")}/srv/dataset`,
    ...(user === "" ? [] : [`../${user}/dataset`]),
  ]) {
    assert.equal(shownPath(path), "dataset", path);
  }
  assert.equal(shownPath("../../dataset", "/one/two/three"), "../../dataset");
  assert.equal(shownPath("../../../dataset", "/one/two/three"), "dataset");
  assert.equal(shownPath("--out"), "--out");
});
