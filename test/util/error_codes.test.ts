/** The codes of user mistakes: the page lists them, each is used, each is written as the others are, and none is taken for Node's. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorsPage } from "../../scripts/errors_page.ts";
import { ERROR_CODES } from "../../src/util/error_codes.ts";
import { codeOf, UserError } from "../../src/util/errors.ts";

const codes = Object.values(ERROR_CODES).flatMap((group) => Object.keys(group));

test("docs/errors.md lists the codes of the table", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  assert.equal(page, errorsPage(), 'run "npm run error-codes"');
});

test("every code is used, stands once, and has a sentence", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith("error_codes.ts"))
    .map((path) => readFileSync(join("src", path), "utf8"))
    .join("");
  assert.deepEqual(
    codes.filter((code) => !sources.includes(`"${code}"`)),
    [],
  );
  assert.deepEqual([...new Set(codes)], codes);
  for (const code of codes) assert.match(code, /^[a-z]+(-[a-z]+)+$/);
  for (const group of Object.values(ERROR_CODES)) {
    for (const meaning of Object.values(group)) assert.match(meaning, /^[A-Z].*[^.]\.$/);
  }
});

test("the code of a user's mistake is no code of the system", () => {
  assert.equal(new UserError("disk-full", "The disk is full.").code, "disk-full");
  assert.equal(codeOf(new UserError("disk-full", "The disk is full.")), undefined);
  assert.equal(codeOf(Object.assign(new Error("no space"), { code: "ENOSPC" })), "ENOSPC");
});
