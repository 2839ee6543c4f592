/** Folders with links and with names that are not UTF-8, as every verb that walks one sees them. */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cancernet } from "../support/command.ts";
import { useInputs } from "../support/inputs.ts";
import { refused } from "../support/refused.ts";

const at = useInputs();
const LINK = "it is a link that leads out of the folder";
const NAME = "its name is not UTF-8: rename it";
const skip = process.platform !== "linux" && "this system knows no such names";

/** Writes a second picture under a name in Latin-1. */
function addBadName(folder: string, from: string): void {
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9), Buffer.from(".png")]),
    readFileSync(from),
  );
}

test("prepare lists what it leaves out, counts it, and gives the same records as without it", { skip }, async () => {
  cpSync(at("patches"), at("odd"), { recursive: true });
  symlinkSync(at("slides"), at("odd", "slides"));
  symlinkSync(at("patch.png"), at("odd", "patch.png"));
  addBadName(at("odd"), at("patch.png"));
  const { code, out, err } = await cancernet(["prepare", at("odd"), "--out", at("prepared")]);
  assert.equal(code, 0, err);
  assert.match(out, /\n {2}2 {2}links that are not followed\n {2}1 {2}names that are not UTF-8\n/);
  const rejected = readFileSync(at("prepared", "rejected.csv"), "utf8");
  assert.equal(rejected, `path,reason\nb'caf\\xe9.png',${NAME}\npatch.png,${LINK}\nslides,${LINK}\n`);
  const records = ["prepared", "dataset"].map((name) => readFileSync(at(name, "patches.bin")));
  assert.ok(records[0]!.equals(records[1]!));
});

test("a source of nothing but links elsewhere says so", { skip }, async () => {
  mkdirSync(at("links"));
  symlinkSync(at("patches"), at("links", "case"));
  const { code, error } = await cancernet(["prepare", at("links"), "--out", at("none")]);
  assert.equal(code, 2);
  refused("source-empty", "case: it is a link that leads out")(error);
});

test("predict warns of what it leaves out in a folder, and ends with 2", { skip }, async () => {
  mkdirSync(at("images"));
  cpSync(at("patch.png"), at("images", "good.png"));
  symlinkSync(at("patch.png"), at("images", "link.png"));
  symlinkSync(at("patch.png"), at("images", "notes.txt"));
  addBadName(at("images"), at("patch.png"));
  const { code, out, err, error } = await cancernet(["predict", at("model.onnx"), at("images"), "--csv"]);
  assert.deepEqual([code, out.trimEnd().split("\n").length], [2, 2], err);
  assert.match(err, new RegExp(`^warning: .*link\\.png is left out: ${LINK}\\.$`, "m"));
  assert.match(err, /^warning: .*b'caf\\xe9\.png' is left out: its name is not UTF-8/m);
  refused("images-failed", "2 of 3 images")(error);
});

test("slide likewise", { skip }, async () => {
  mkdirSync(at("more"));
  cpSync(at("slides", "one.png"), at("more", "one.png"));
  symlinkSync(at("slides", "two.png"), at("more", "two.png"));
  addBadName(at("more"), at("slides", "one.png"));
  const { code, err, error } = await cancernet(["slide", at("model.onnx"), at("more"), "--out", at("scored")]);
  assert.equal(code, 2);
  assert.match(err, new RegExp(`^warning: .*two\\.png is left out: ${LINK}\\.$`, "m"));
  assert.match(err, /^warning: .*b'caf\\xe9\.png' is left out/m);
  refused("slides-failed", "2 of 3 slides")(error);
});

test("a shard likewise; the summary is that of one process", { skip }, async () => {
  const shard = ["slide", at("model.onnx"), at("more"), "--out", at("shared"), "--shard", "1/1"];
  const { code, err, error } = await cancernet(shard);
  assert.equal(code, 2);
  assert.match(err, new RegExp(`^warning: .*two\\.png is left out: ${LINK}\\.$`, "m"));
  refused("slides-failed", "2 of 3 slides")(error);
  const gathered = await cancernet(["gather", at("shared")]);
  assert.equal(gathered.code, 0, gathered.err);
  const [shared, alone] = ["shared", "scored"].map((name) => readFileSync(at(name, "slides.csv"), "utf8"));
  assert.equal(shared, alone);
});

test("an argument that is not UTF-8 is named as such, and makes no file", async () => {
  for (const line of [
    ["predict", at("model.onnx"), at("caf\ufffd.png")],
    ["export", at("model.onnx"), "--out", at("caf\ufffd.onnx")],
    ["prepare", at("patches"), "--out", join(at("caf\ufffd"), "dataset")],
  ]) {
    const { code, error } = await cancernet(line);
    assert.equal(code, 2);
    refused("path-invalid", "caf\ufffd")(error);
  }
});
