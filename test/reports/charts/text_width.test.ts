/** The widths that charts are laid out by are those of the font's file. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { ADVANCES, textWidth } from "../../../src/reports/charts/text_width.ts";

/** The advance of each printable ASCII character by the tables cmap (format 4), hhea and hmtx of a TrueType file. */
function advancesOf(font: Buffer): number[] {
  const tables = new Map(
    Array.from({ length: font.readUInt16BE(4) }, (_, i) => {
      const at = 12 + 16 * i;
      return [font.toString("latin1", at, at + 4), font.readUInt32BE(at + 8)] as const;
    }),
  );
  const [cmap, head, hhea, hmtx] = ["cmap", "head", "hhea", "hmtx"].map((name) => tables.get(name)!) as number[];
  const unitsPerEm = font.readUInt16BE(head! + 18);
  const metrics = font.readUInt16BE(hhea! + 34);
  const subtables = Array.from({ length: font.readUInt16BE(cmap! + 2) }, (_, i) => {
    return cmap! + font.readUInt32BE(cmap! + 8 + 8 * i);
  });
  const map = subtables.find((at) => font.readUInt16BE(at) === 4)!;
  const segments = font.readUInt16BE(map + 6) / 2;
  const glyphOf = (code: number): number => {
    const field = (part: number, segment: number) => map + 14 + 2 * (segments * part + segment) + (part > 0 ? 2 : 0);
    const segment = Array.from({ length: segments }).findIndex((_, i) => font.readUInt16BE(field(0, i)) >= code);
    const [start, delta] = [font.readUInt16BE(field(1, segment)), font.readUInt16BE(field(2, segment))];
    const offset = font.readUInt16BE(field(3, segment));
    if (offset === 0) return (code + delta) & 0xffff;
    return font.readUInt16BE(field(3, segment) + offset + 2 * (code - start));
  };
  return ADVANCES.map((_, i) => {
    const glyph = Math.min(glyphOf(32 + i), metrics - 1);
    return Math.round((1000 * font.readUInt16BE(hmtx! + 4 * glyph)) / unitsPerEm);
  });
}

test("each advance is the font's", () => {
  const path = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
  assert.deepEqual(ADVANCES, advancesOf(readFileSync(path)));
});

test("a text is as wide as its characters together: 1.0 is .636 + .318 + .636 of the font's size", () => {
  assert.ok(Math.abs(textWidth("1.0", 10) - 15.9) < 0.05);
  assert.ok(textWidth("100%", 12) > 1.15 * 4 * 12 * 0.6);
});
