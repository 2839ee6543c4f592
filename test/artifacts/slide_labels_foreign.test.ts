/** Tables of labels as pandas and Excel save them, and what is refused; a table of a million rows in little memory. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { readLabels } from "../../src/artifacts/slide_labels.ts";
import { useFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

const at = useFolder("labels");
function read(text: string | Buffer, caseId = "8917") {
  const path = at("labels.csv");
  writeFileSync(path, text);
  return readLabels(path, caseId);
}

const SOUND = {
  "as prepare writes it": "id,case,x,y,class\na,8917,1,51,1\nb,8917,51,51,0\nc,8918,1,51,0\n",
  "floats of pandas": "case,x,y,class\n8917.0,1.0,51.0,1.0\n8917.0,51.0,51.0,0.0\n8918.0,1.0,51.0,0.0\n",
  "semicolons and decimal commas of Excel": "case;x;y;class\r\n8917,0;1;51;1,0\r\n8917,0;51;51;0,0\r\n",
  tabs: "case\tx\ty\tclass\n8917\t1\t51\t1\n8917\t51\t51\t0\n",
  "columns in upper case, in another order": 'CLASS,Y,X,Case,note\n1,51,1,8917,\n0,51,51,8917,"a, b"\n',
  "label for class": "case,x,y,label\n8917,1,51,1\n8917,51,51,0\n",
  "truth values": "case,x,y,label\n8917,1,51,True\n8917,51,51,FALSE\n",
  "class goes before label": "label,case,x,y,class\n0,8917,1,51,1\n1,8917,51,51,0\n",
  "a byte-order mark and spaces": "\ufeffcase, x, y, class\n8917, 1, 51, 1\n8917, 51, 51, 0\n",
};

for (const [name, text] of Object.entries(SOUND)) {
  test(`labels are read: ${name}`, async () => {
    const labels = await read(text);
    assert.deepEqual([labels.size, labels.get(0, 50), labels.get(50, 50), labels.get(0, 0)], [2, 1, 0, undefined]);
  });
}

const REFUSED: Readonly<Record<string, readonly [text: string | Buffer, refusal: Refusal]>> = {
  "half a class": ["case,x,y,class\n8917,1,1,0.5\n", refused("labels-invalid", 'class "0.5"')],
  "a place between pixels": ["case,x,y,class\n8917,1.5,1,0\n", refused("labels-invalid", 'x "1.5"')],
  "another class": ["case,x,y,class\n8917,1,1,2.0\n", refused("labels-invalid", 'class "2.0"')],
  "no class": ["case,x,y\n8917,1,1\n", refused("table-column-missing", "class or label or target")],
  "a column twice": ["case,x,y,class,Class\n8917,1,1,0,1\n", refused("table-column-repeated", "column class")],
  "another case": ["case,x,y,class\n8918,1,1,0\n", refused("labels-missing", '"8917"')],
  "both classes for a place": [
    "case,x,y,class\n8917,1,1,0\n8917,1.0,1.0,1.0\n",
    refused("labels-invalid", "at x 1, y 1"),
  ],
  "a row too short": ["case,x,y,class\n8917,1,1\n", refused("table-damaged")],
  "Latin-1": [Buffer.from("case,x,y,class\ncaf\u00e9,1,1,0\n", "latin1"), refused("text-invalid")],
  "UTF-16": [Buffer.from("case,x,y,class\n8917,1,1,0\n", "utf16le"), refused("text-invalid")],
  nothing: ["", refused("table-damaged")],
};

for (const [name, [text, refusal]] of Object.entries(REFUSED)) {
  test(`labels are refused: ${name}`, async () => {
    await assert.rejects(read(text), refusal);
  });
}

test("a file that is not there, and a folder", async () => {
  await assert.rejects(readLabels(at("none.csv"), "1"), refused("file-missing", "none.csv"));
  await assert.rejects(readLabels(at(), "1"), refused("path-is-folder"));
});
