import assert from "node:assert/strict";
import { test } from "node:test";
import { eventLines } from "../../src/reports/event_text.ts";
import { TimeParts } from "../../src/util/time_parts.ts";

test("the parts of the time add up, from the start of the process", () => {
  const parts = new TimeParts<"first" | "second">();
  const before = performance.now();
  parts.end("first");
  parts.end("second");
  parts.end("first");
  const after = performance.now();
  const { first, second } = parts.milliseconds;
  assert.ok(first >= before && second >= 0 && first + second <= after, `${first} ${second}`);
});

test("a line names each part and their sum", () => {
  const milliseconds = { program: 120.4, model: 80.3, images: 2.4, answers: 3.4 };
  assert.deepEqual(eventLines({ event: "timing", milliseconds }), [
    "Time: program 120 ms, model 80 ms, images 2 ms, answers 3 ms; 207 ms in all.",
  ]);
});
