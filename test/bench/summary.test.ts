/** The benchmark's arithmetic and outputs, from speeds that are given: no clock is read here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Contender, type Entrant, measureInTurns, takesPart } from "../../bench/interleave.ts";
import { quantile } from "../../bench/quantile.ts";
import { type Conditions, rowsOf, toJson, toMarkdown, toText } from "../../bench/summary.ts";

const CONDITIONS: Conditions = {
  command: "npm run bench",
  date: "2026-01-02",
  machine: "a machine (2 cores)",
  threads: 2,
  patches: "10 patches",
  versions: { cancernet: "0.1.0", Peer: "1.2" },
  load: { start: 0.5, end: 1.25 },
};
const MEASURED = [
  { name: "ours", own: true, versions: {}, speeds: [1500, 1000, 2000] },
  { name: "ours, other engine", own: true, versions: {}, speeds: [750] },
  { name: "peer | fast", own: false, versions: {}, speeds: [300, 500] },
  { name: "peer", own: false, versions: {}, speeds: [], trouble: "no kernel" },
];
const ROWS = rowsOf("work", MEASURED);

test("quantiles lie between neighbours, as numpy's linear method gives them", () => {
  assert.equal(quantile([7], 0.25), 7);
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([4, 1, 3, 2], 0.25), 1.75);
  assert.equal(quantile([40, 10, 50, 20, 30], 0.75), 40);
  assert.throws(() => quantile([], 0.5), /nothing/);
});

test("a median does not depend on the order, and the quartiles enclose it", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (list) => {
      const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(list, share)) as [number, number, number];
      assert.ok(low <= middle && middle <= high);
      assert.equal(quantile([...list].reverse(), 0.5), middle);
    }),
  );
});

test("ratios are ours over theirs, and who failed says why", () => {
  assert.deepEqual(
    ROWS.map(({ program, ratio }) => [program, ratio]),
    [
      ["ours", undefined],
      ["ours, other engine", 2],
      ["peer | fast", 3.75],
      ["peer", undefined],
    ],
  );
  assert.deepEqual(toText(ROWS), [
    "work  program             patches/s  quartiles          ours / theirs",
    "----  ------------------  ---------  -----------------  -------------",
    "work  ours                    1,500  1,250 - 1,750",
    "work  ours, other engine        750  750 - 750                   2.00",
    "work  peer | fast               400  350 - 450                   3.75",
    "work  peer                        -  cannot: no kernel              -",
  ]);
});

test("without ours there is no ratio, and the peers keep their speeds", () => {
  const rows = rowsOf("work", [{ ...MEASURED[0]!, speeds: [], trouble: "it broke" }, MEASURED[2]!]);
  assert.deepEqual(
    rows.map(({ speed, ratio, trouble }) => [speed?.median, ratio, trouble]),
    [
      [undefined, undefined, "it broke"],
      [400, undefined, undefined],
    ],
  );
});

test("the JSON has a row for each peer that was measured, none for our own engines", () => {
  const { rows, unmeasured, ...conditions } = JSON.parse(toJson(CONDITIONS, ROWS));
  assert.deepEqual(rows, [{ work: "work", ours: 1500, peer: 400, peer_name: "peer | fast", ratio: 3.75 }]);
  assert.deepEqual(unmeasured, [{ work: "work", program: "peer", reason: "no kernel" }]);
  assert.deepEqual(conditions, CONDITIONS);
});

test("the Markdown has the conditions, a line a row with bars escaped, and the notes", () => {
  const text = toMarkdown(CONDITIONS, ROWS, ["**work**: much."]);
  assert.match(text, /Written by `npm run bench`/);
  assert.match(text, /2026-01-02, a machine \(2 cores\), 2 threads, load 0\.50 at the start and 1\.25 at the end\./);
  assert.match(text, /cancernet 0\.1\.0, Peer 1\.2\./);
  assert.match(text, /\n\| work \| peer \\\| fast \| 400 \| 350 - 450 \| 3\.75 \|\n/);
  assert.match(text, /\n- \*\*work\*\*: much\.\n$/);
});

test("the rounds of a slow contender are spread evenly", () => {
  const rounds = Array.from({ length: 11 }, (_, round) => round).filter((round) => takesPart(3, round, 11));
  assert.deepEqual(rounds, [3, 7, 10]);
  for (let all = 1; all < 20; all++) {
    for (let own = 1; own <= all; own++) {
      const parts = Array.from({ length: all }, (_, round) => takesPart(own, round, all));
      assert.equal(parts.filter(Boolean).length, own);
    }
  }
});

/** A contender whose steps take the seconds given, by its own account, and which may fail after some runs. */
function entrant(key: string, secondsAStep: number, failsAfter = Number.POSITIVE_INFINITY) {
  const log = { runs: [] as number[], closed: 0 };
  const contender: Contender = {
    name: `${key} with settings`,
    versions: { [key]: "1" },
    async run(steps) {
      if (log.runs.length >= failsAfter) throw new Error(`${key} broke`);
      log.runs.push(steps);
      return { seconds: steps * secondsAStep, patches: steps * 8 };
    },
    async close() {
      log.closed++;
    },
  };
  return { log, entrant: { key, program: key, own: false, open: async () => contender } satisfies Entrant };
}

test("turns are as long as asked for; slow ones are few; who fails drops out, and everyone is closed once", async () => {
  const fast = entrant("fast", 0.1);
  const slow = entrant("slow", 9);
  const broken = entrant("broken", 0.1, 6);
  const absent: Entrant = {
    key: "absent",
    program: "absent",
    own: false,
    open: () => Promise.reject(new Error("gone")),
  };
  const entrants = [fast.entrant, slow.entrant, broken.entrant, absent];
  const results = await measureInTurns(entrants, { rounds: 6, turnSeconds: 0.4, restSeconds: 0 });
  assert.deepEqual(fast.log.runs, [1, 1, 4, 4, ...Array(6).fill(4)]);
  assert.deepEqual(slow.log.runs, [1, 1, 1, 1, 1]);
  assert.deepEqual(results.get("fast")?.speeds.length, 6);
  assert.deepEqual(results.get("slow")?.speeds, Array(3).fill(8 / 9));
  assert.deepEqual(results.get("broken"), {
    name: "broken with settings",
    versions: { broken: "1" },
    speeds: [],
    trouble: "broken broke",
  });
  assert.equal(results.get("absent")?.trouble, "gone");
  assert.deepEqual([fast.log.closed, slow.log.closed, broken.log.closed], [1, 1, 1]);
});

test("a long work is not warmed up: a turn is one step", async () => {
  const long = entrant("long", 7);
  await measureInTurns([long.entrant], { rounds: 3, turnSeconds: 0, restSeconds: 0 });
  assert.deepEqual(long.log.runs, [1, 1, 1]);
});
