/** The two outputs of export: exactly one, with the options that go with it; anything else is one sentence and exit code 2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exportModel } from "../../src/workflows/export.ts";
import { exportPage } from "../../src/workflows/export_page.ts";
import { context } from "../support/cohort.ts";
import { cancernet } from "../support/command.ts";
import { type Refusal, refused } from "../support/refused.ts";

const WRONG: readonly (readonly [args: readonly string[], refusal: Refusal])[] = [
  [[], refused("option-missing", "There is no output: give --out for an ONNX file, or --page for a web page.")],
  [
    ["--out", "a.onnx", "--page", "a"],
    refused("options-conflict", "--out and --page exclude each other: give one of them."),
  ],
  [["--page", "a", "--input", "patches"], refused("options-conflict", "--input is for an ONNX file")],
  [["--page", "a", "--input", "images"], refused("options-conflict", "--input is for an ONNX file")],
  [["--page", "a", "--overwrite"], refused("options-conflict", "--overwrite replaces files only")],
];

for (const [args, refusal] of WRONG) {
  test(`export idc ${args.join(" ")} is refused`, async () => {
    const { code, out, err, error } = await cancernet(["export", "idc", ...args]);
    assert.deepEqual([code, out, err.trimEnd().split("\n").length], [2, "", 1], err);
    refusal(error);
  });
}

test("each function of the library names the other one", async () => {
  await assert.rejects(exportModel({ model: "idc", page: "a" }, context), refused("options-conflict", "exportPage"));
  await assert.rejects(exportPage({ model: "idc", out: "a" }, context), refused("options-conflict", "exportModel"));
});
