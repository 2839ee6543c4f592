import { test } from "node:test";
import assert from "node:assert/strict";
import { FusedEngine } from "../../src/engine/fused/fused_engine.ts";
import { GraphEngine } from "../../src/engine/training/graph_engine.ts";
import { initialize } from "../../src/engine/nn/model.ts";
import { model } from "./golden_images.ts";
import { RandomStream } from "../../src/util/random.ts";
test("fused = graph", async () => {
  const o = { model, imageSize: [50, 50], optimizer: "sgd", weightDecay: 0, dropout: true, move: false, recolour: false } as const;
  const arrays = initialize(model, 1);
  const g = new GraphEngine(o, arrays, { threads: 2 });
  const f = new FusedEngine(o, arrays, { threads: 2 });
  const n = 7;
  const r = new RandomStream(3);
  const batch = () => { const q = new RandomStream(5); return { images: r0, targets: Float32Array.from({length: n*2}, (_, i) => (i>>1)%2 === i%2 ? 1 : 0), weights: new Float32Array(n).fill(1), randomBytes: (l: number) => q.bytes(l), learningRate: 0, step: 0 }; };
  const r0 = r.bytes(n * 7500);
  const a = await g.step(batch()); const b = await f.step(batch());
  console.log(a.loss, b.loss, [...a.probabilities.slice(0,4)], [...b.probabilities.slice(0,4)]);
  const sa = g.state(), sb = f.state();
  for (const [k, v] of sa) { const w = sb.get(k)!; let d = 0, m = 0; v.forEach((x, i) => { d += (x - w[i]!) ** 2; m += x * x; }); if (k.endsWith("momentum") || k.includes("mean") || k.includes("variance")) console.log(k.padEnd(34), Math.sqrt(d / (m + 1e-30)).toExponential(2)); }
  await g.close(); await f.close();
  assert.ok(true);
});
