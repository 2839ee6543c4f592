/**
 * The TensorFlow.js peer: CancerNet's prediction or training step on the wasm or cpu backend, with random patches in
 * memory.
 */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    work: { type: "string", default: "predict" },
    backend: { type: "string", default: "wasm" },
    batch: { type: "string", default: "32" },
  },
});
const batch = Number(values.batch);
const tell = (message: Record<string, unknown>) => console.log(JSON.stringify(message));

try {
  const name = `tfjs ${values.backend}${values.work === "step" && batch === 1 ? ", one patch per step" : ""}`;
  const { work, version } = await start();
  tell({ name, versions: { "TensorFlow.js": version } });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "quit") break;
    const steps = Number(line.split(" ")[1]);
    const begin = performance.now();
    for (let step = 0; step < steps; step++) work();
    tell({ seconds: (performance.now() - begin) / 1000, patches: steps * batch });
  }
} catch (error) {
  tell({ cannot: String(error instanceof Error ? error.message : error).split("\n")[0] });
}

/** Returns a function that processes one batch and waits for the result. */
async function start(): Promise<{ work: () => void; version: string }> {
  const tf = await import("@tensorflow/tfjs-core");
  const { layers, sequential } = await import("@tensorflow/tfjs-layers");
  await import("@tensorflow/tfjs-backend-cpu");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(fileURLToPath(new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm"))));
  if (!(await tf.setBackend(values.backend))) throw new Error(`The ${values.backend} backend does not start.`);
  await tf.ready();
  const model = sequential({ layers: cancernetLayers(layers) });
  const images = tf.randomUniform([batch, 48, 48, 3]);
  const predict = () => {
    const probabilities = tf.tidy(() => tf.softmax(model.predictOnBatch(images)));
    probabilities.dataSync();
    probabilities.dispose();
  };
  if (values.work === "predict") return { work: predict, version: tf.version_core };
  const classes = Array.from({ length: batch }, (_, index) => index % 2);
  const labels = tf.oneHot(tf.tensor1d(classes, "int32"), 2);
  const weights = tf.tensor1d(classes.map((label) => (label === 1 ? 2.52 : 1)));
  const optimizer = tf.train.adagrad(0.01, 0.1);
  const train = () => {
    const loss = optimizer.minimize(() => {
      const logits = model.apply(images, { training: true });
      return tf.losses.softmaxCrossEntropy(labels, logits, weights, 0, tf.Reduction.MEAN);
    }, true);
    loss.dataSync();
    loss.dispose();
  };
  return { work: train, version: tf.version_core };
}

// biome-ignore lint/suspicious/noExplicitAny: the types are not installed with the project, see tfjs_modules.d.ts.
function cancernetLayers(layers: any): unknown[] {
  const list: unknown[] = [];
  const normalization = { momentum: 0.99, epsilon: 1e-3 };
  let first: object = { inputShape: [48, 48, 3] };
  for (const block of [[32], [64, 64], [128, 128, 128]]) {
    for (const filters of block) {
      list.push(layers.separableConv2d({ filters, kernelSize: 3, padding: "same", ...first }));
      list.push(layers.reLU(), layers.batchNormalization(normalization));
      first = {};
    }
    list.push(layers.maxPooling2d({ poolSize: 2 }), layers.dropout({ rate: 0.25 }));
  }
  list.push(layers.flatten(), layers.dense({ units: 256 }), layers.reLU(), layers.batchNormalization(normalization));
  list.push(layers.dropout({ rate: 0.5 }), layers.dense({ units: 2 }));
  return list;
}
