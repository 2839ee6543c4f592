/** The description of a work: written once, agreed on by all processes, never replaced by another work. */
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { describeWork, readWork } from "../../src/units/description.ts";
import { folderResults } from "../../src/units/folder_results.ts";
import { insideRoot } from "../../src/units/inside.ts";
import { readTree, temporaryFolder } from "../support/folder.ts";
import { refused } from "../support/refused.ts";

const WORK = { verb: "slide", facts: { model: "m", stride: 50 }, details: { shown: "a" }, units: [{ name: "a" }] };

test("the process that begins a work decides its details; the others get them", async (t) => {
  const folder = await temporaryFolder(t);
  const first = await describeWork(folderResults(folder), WORK);
  const second = await describeWork(folderResults(folder), { ...WORK, details: { shown: "b" } });
  assert.deepEqual(second, first);
  assert.deepEqual(await readWork(folderResults(folder)), first);
  assert.deepEqual([...(await readTree(folder)).keys()], [".units/work.json"]);
});

test("fifty processes that begin at the same moment agree", async (t) => {
  const folder = await temporaryFolder(t);
  const found = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      describeWork(folderResults(folder), { ...WORK, details: { shown: String(index) } }),
    ),
  );
  assert.equal(new Set(found.map(({ details }) => details.shown)).size, 1);
});

test("a work grows by units, and refuses other facts, another verb and missing units by name", async (t) => {
  const folder = await temporaryFolder(t);
  const units = [{ name: "a" }, { name: "b", slide: "b.png" }];
  await describeWork(folderResults(folder), WORK);
  assert.deepEqual((await describeWork(folderResults(folder), { ...WORK, units })).units, units);
  await assert.rejects(describeWork(folderResults(folder), WORK), refused("output-mismatch", "holds b"));
  await assert.rejects(
    describeWork(folderResults(folder), { ...WORK, units, facts: { ...WORK.facts, stride: 25 } }),
    refused("output-mismatch", "another stride (50, now 25)"),
  );
  await assert.rejects(
    describeWork(folderResults(folder), { ...WORK, units, verb: "sweep" }),
    refused("output-mismatch", "slide"),
  );
});

test("a damaged description and names that lead outside are refused", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, ".units"));
  for (const name of ["../a", "/a", "a/b/c", "", ".units", "a/..", "a\\b", "a\0"]) {
    const text = JSON.stringify({ format: 1, cancernet: "cancernet", ...WORK, units: [{ name }] });
    await writeFile(join(folder, ".units/work.json"), text);
    await assert.rejects(readWork(folderResults(folder)), refused("output-mismatch", "work.json"), name);
  }
  await writeFile(join(folder, ".units/work.json"), "{");
  await assert.rejects(readWork(folderResults(folder)), refused("output-mismatch", "work.json"));
});

test("a path of a description is inside the root, also through links", async (t) => {
  const folder = await temporaryFolder(t);
  const root = join(folder, "root");
  await mkdir(join(root, "in"), { recursive: true });
  await writeFile(join(root, "in/a.png"), "");
  await writeFile(join(folder, "secret.png"), "");
  await symlink("in", join(root, "near"));
  await symlink("../secret.png", join(root, "far.png"));
  assert.equal(await insideRoot(root, "in/a.png", "the slide"), join(root, "in/a.png"));
  assert.equal(await insideRoot(root, "near/a.png", "the slide"), join(root, "near/a.png"));
  for (const path of [
    "../secret.png",
    "in/../../secret.png",
    "/etc/passwd",
    "C:/x",
    "",
    "a\0b",
    "in\\a.png",
    "far.png",
  ])
    await assert.rejects(insideRoot(root, path, "the slide"), refused("path-invalid", "only what lies in"), path);
  await assert.rejects(insideRoot(root, "in/b.png", "the slide"), refused("file-missing", "in/b.png"));
});
