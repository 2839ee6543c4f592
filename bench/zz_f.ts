import { FusedEngine } from "../src/engine/fused/fused_engine.ts";
import { GraphEngine } from "../src/engine/training/graph_engine.ts";
import { initialize } from "../src/engine/nn/model.ts";
import { MODELS } from "../src/engine/models/table.ts";
import { RandomStream } from "../src/util/random.ts";
const model = MODELS.cancernet; const n = Number(process.argv[2] ?? 32); const aug = process.argv[3] === "aug";
const o = { model, imageSize: [50, 50], optimizer: "adagrad", weightDecay: 0, dropout: true, move: aug, recolour: aug } as const;
const arrays = initialize(model, 1); const r = new RandomStream(3);
const moves = new Float32Array(n*6), colours = new Float32Array(n*12); for (let i=0;i<n;i++){ moves[i*6]=1; moves[i*6+4]=1; for(let c=0;c<3;c++) colours[i*12+c*4+c]=1; }
const batch = { images: r.bytes(n * 7500), targets: Float32Array.from({length: n*2}, (_, i) => (i>>1)%2 === i%2 ? 1 : 0), weights: new Float32Array(n).fill(1), randomBytes: (l: number) => r.bytes(l), learningRate: 0.01, step: 0, ...(aug?{moves,colours}:{}) };
const es: any = { fused: new FusedEngine(o, arrays, { threads: 2 }), graph: new GraphEngine(o, arrays, { threads: 2 }) };
const t: any = {fused:[],graph:[]};
for (let k=0;k<6;k++) for (const e of ["fused","graph"]) { await es[e].step(batch); for (let i=0;i<6;i++){ const t0=performance.now(); await es[e].step(batch); t[e].push(performance.now()-t0);} }
for (const e of ["fused","graph"]) { t[e].sort((a:number,b:number)=>a-b); console.log(e, "min", t[e][0].toFixed(1), "med", t[e][18].toFixed(1), "patches/s", (n/t[e][18]*1000).toFixed(0)); }
await es.fused.close(); await es.graph.close();
