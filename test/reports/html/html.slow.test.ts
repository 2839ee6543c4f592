/** The template of markup: what is put in is text, whatever it says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Html, html } from "../../../src/reports/html/html.ts";

test("values are escaped, in text and in attributes; markup and lists of it are not", () => {
  const name = `<script>"a" & 'b'`;
  const safe = "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;";
  assert.equal(html`<b title="${name}">${name}</b>`.toString(), `<b title="${safe}">${safe}</b>`);
  assert.equal(
    html`<ul>${["<", ">"].map((text) => html`<li>${text}</li>`)}</ul>`.toString(),
    "<ul><li>&lt;</li><li>&gt;</li></ul>",
  );
  assert.equal(html`${1.5}${null}${undefined}${false}${0}${""}`.toString(), "1.50");
  assert.equal(html`${Html.trusted("<svg/>")}`.toString(), "<svg/>");
});

test("an object that only looks like markup is escaped too", () => {
  const forged = JSON.parse('["<i>"]');
  assert.equal(html`${forged}`.toString(), "&lt;i&gt;");
});

test("what turns the text's direction, or controls a terminal, is replaced", () => {
  assert.equal(html`${"a\u202eb\u0000c\u001bd\te"}`.toString(), "a\ufffdb\ufffdc\ufffdd\te");
});

test("no text opens a tag or ends an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => assert.doesNotMatch(html`${text}`.toString(), /[<>"']/)),
    { seed: 20190218, numRuns: 300 },
  );
});
