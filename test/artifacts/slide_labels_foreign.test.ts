/** Tables of labels as pandas and Excel save them, and what is refused; a table of a million rows in little memory. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readLabels } from "../../src/artifacts/slide_labels.ts";

const folder = mkdtempSync(join(tmpdir(), "cancernet labels "));
after(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string | Buffer, caseId = "8917") {
  const path = join(folder, "labels.csv");
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

const REFUSED: Readonly<Record<string, readonly [text: string | Buffer, sentence: RegExp]>> = {
  "half a class": [
    "case,x,y,class\n8917,1,1,0.5\n",
    /class "0\.5": expected whole places from 1 to 33554432, and 0 or 1/,
  ],
  "a place between pixels": ["case,x,y,class\n8917,1.5,1,0\n", /x "1\.5"/],
  "another class": ["case,x,y,class\n8917,1,1,2.0\n", /class "2\.0"/],
  "no class": [
    "case,x,y\n8917,1,1\n",
    /lacks the column class or label or target: expected case, x, y, class, and found case, x, y/,
  ],
  "a column twice": ["case,x,y,class,Class\n8917,1,1,0,1\n", /has the column class twice/],
  "another case": ["case,x,y,class\n8918,1,1,0\n", /has no patches of the case "8917"/],
  "both classes for a place": [
    "case,x,y,class\n8917,1,1,0\n8917,1.0,1.0,1.0\n",
    /at x 1, y 1 both classes: correct the table/,
  ],
  "a row too short": ["case,x,y,class\n8917,1,1\n", /not a readable CSV table/],
  "Latin-1": [Buffer.from("case,x,y,class\ncaf\u00e9,1,1,0\n", "latin1"), /is not text in UTF-8/],
  "UTF-16": [Buffer.from("case,x,y,class\n8917,1,1,0\n", "utf16le"), /is not text in UTF-8/],
  nothing: ["", /is empty: expected a table with case, x, y, class/],
};

for (const [name, [text, sentence]] of Object.entries(REFUSED)) {
  test(`labels are refused: ${name}`, async () => {
    await assert.rejects(read(text), { name: "UserError", message: sentence });
  });
}

test("a file that is not there, and a folder", async () => {
  await assert.rejects(readLabels(join(folder, "none.csv"), "1"), {
    name: "UserError",
    message: /annot read the labels/,
  });
  await assert.rejects(readLabels(folder, "1"), { name: "UserError", message: /it is a folder/ });
});
