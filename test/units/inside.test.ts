/** Places inside a root in object storage: found from addresses, and refused by their text alone, without a server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { insideRoot, pathInRoot, placeAbove, placeInside } from "../../src/units/inside.ts";
import { refused } from "../support/refused.ts";

test("the path from an address on", () => {
  assert.equal(pathInRoot("s3://lab/slides", "s3://lab/slides/day 1/ü.svs"), "day 1/ü.svs");
  assert.equal(pathInRoot("s3://lab/slides/", "s3://lab/slides/many/"), "many");
  assert.equal(pathInRoot("s3://lab", "s3://lab/many"), "many");
  for (const [root, place] of [
    ["s3://lab/slides", "s3://lab/slides-2/a.svs"],
    ["s3://lab/slides", "s3://other/slides/a.svs"],
    ["s3://lab/slides", "s3://lab/slides"],
    ["s3://lab/slides", "slides/a.svs"],
    [".", "s3://lab/slides/a.svs"],
  ] as const)
    assert.equal(pathInRoot(root, place), undefined, place);
});

test("what contains an address", () => {
  assert.equal(placeAbove("s3://lab/results/many/"), "s3://lab/results");
  assert.equal(placeAbove("s3://lab/many"), "s3://lab");
  assert.equal(placeAbove("s3://lab"), "s3://lab");
});

test("a path below an address, and what is refused", async () => {
  assert.equal(await placeInside("s3://lab/slides/", "day 1/a.svs", "the slide"), "s3://lab/slides/day 1/a.svs");
  for (const [path, why] of [
    ["", "not a path from the address on"],
    ["/etc/passwd", "not a path from the address on"],
    ["C:/Windows", "not a path from the address on"],
    ["s3://other/a.svs", "not a path from the address on"],
    ["s3://lab/slides/a.svs", "not a path from the address on"],
    ["..\\a.svs", "not a path from the address on"],
    ["..", "climbs out"],
    ["day 1/../../other/a.svs", "climbs out"],
    [".", "empty or"],
    ["day 1//a.svs", "empty or"],
    ["day 1/", "empty or"],
    ["day 1/./a.svs", "empty or"],
    ["a\nb.svs", "control character"],
    ["a\u007f.svs", "control character"],
    ["x".repeat(1024), "1,024 bytes"],
  ] as const)
    await assert.rejects(placeInside("s3://lab/slides", path, "the slide"), refused("path-invalid", why), path);
  await assert.rejects(placeInside(".", "s3://other/a.svs", "the slide"), refused("path-invalid", "folder on"));
  const dataset = insideRoot("s3://lab", "data", "the dataset");
  await assert.rejects(dataset, refused("file-missing", "only slides are read from object storage"));
});
