/** Text for a terminal: what it would obey is written out, widths are in columns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitted, padded, visible, widthOf } from "../../src/util/terminal_text.ts";

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
/** C0, DEL and C1; line and paragraph separator; marks, embeddings, overrides and isolates of direction. */
const OBEYED = [
  ...[range(0, 0x1f), range(0x7f, 0x9f), [0x2028, 0x2029], [0x61c, 0x200e, 0x200f]],
  ...[range(0x202a, 0x202e), range(0x2066, 0x2069)],
].flat();

test("every character that a terminal obeys is written as JSON writes it, and no other changes", () => {
  for (const code of OBEYED) {
    const character = String.fromCharCode(code);
    const shown = visible(`a${character}b`);
    assert.match(shown, /^a\\(u[0-9a-f]{4}|[bfnrt])b$/, `U+${code.toString(16)}`);
    assert.equal(JSON.parse(`"${shown}"`), `a${character}b`);
  }
  const others = range(0x20, 0xffff).filter((code) => !OBEYED.includes(code));
  const text = others.map((code) => String.fromCharCode(code)).join("");
  assert.equal(visible(text), text);
});

test("JSON stays the same JSON", () => {
  const value = { file: `a${OBEYED.map((code) => String.fromCharCode(code)).join("")}"\\` };
  assert.deepEqual(JSON.parse(visible(JSON.stringify(value))), value);
});

test("widths, padding and shortening in columns", () => {
  assert.deepEqual(
    ["abc", "\u4e73\u817a", "e\u0301", "\u{1f52c}", "\u1100\u1161\u11a8", ""].map(widthOf),
    [3, 4, 1, 2, 2, 0],
  );
  assert.equal(padded("\u4e73", 4), "\u4e73  ");
  assert.equal(padded("\u4e73", 4, "before"), "  \u4e73");
  assert.equal(fitted("abcdef", 4), "abc\u2026");
  assert.equal(fitted("abcdef", 4, "middle"), "ab\u2026f");
  assert.equal(fitted("\u4e73\u817a\u4e73", 4), "\u4e73\u2026");
  assert.equal(fitted("abcdef", 0), "");
});

test("property: nothing is longer than its room, and what fits stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), fc.constantFrom("end", "middle"), (text, room, lost) => {
      const shown = fitted(visible(text), room, lost as "end" | "middle");
      assert.ok(widthOf(shown) <= room);
      if (widthOf(visible(text)) <= room) assert.equal(shown, visible(text));
    }),
  );
});
