/**
 * The updates of the optimizers, one pass each (AssemblyScript), with the operations of training/optimizers.ts in the
 * same order. All arrays hold `length` float32 numbers, rounded up to a multiple of 4.
 */

/** gradients + decay * weights, for four elements. */
function decayed(weights: usize, gradients: usize, decay: v128): v128 {
  return f32x4.add(v128.load(gradients), f32x4.mul(v128.load(weights), decay));
}

/** Duchi et al. 2011: accumulator += g^2; weight -= g * rate / (sqrt(accumulator) + 1e-7). */
export function adagrad(
  weights: usize,
  gradients: usize,
  accumulator: usize,
  length: i32,
  learningRate: f32,
  decay: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const decays = f32x4.splat(decay);
  const epsilon = f32x4.splat(1e-7);
  for (let at: usize = 0; at < usize(length) << 2; at += 16) {
    const g = decayed(weights + at, gradients + at, decays);
    const sum = f32x4.add(v128.load(accumulator + at), f32x4.mul(g, g));
    v128.store(accumulator + at, sum);
    const change = f32x4.div(f32x4.mul(g, rate), f32x4.add(f32x4.sqrt(sum), epsilon));
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), change));
  }
}

/** Polyak's momentum with factor 0.9: momentum = 0.9 * momentum + g; weight -= momentum * rate. */
export function sgd(
  weights: usize,
  gradients: usize,
  momentum: usize,
  length: i32,
  learningRate: f32,
  decay: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const decays = f32x4.splat(decay);
  const keep = f32x4.splat(0.9);
  for (let at: usize = 0; at < usize(length) << 2; at += 16) {
    const g = decayed(weights + at, gradients + at, decays);
    const next = f32x4.add(f32x4.mul(v128.load(momentum + at), keep), g);
    v128.store(momentum + at, next);
    v128.store(weights + at, f32x4.sub(v128.load(weights + at), f32x4.mul(next, rate)));
  }
}

/**
 * Adam (Kingma & Ba 2015), with decay as part of the gradient, and AdamW (Loshchilov & Hutter 2019), which first
 * reduces each weight by the fraction `shrink`. The inverse corrections depend on the step.
 */
export function adam(
  weights: usize,
  gradients: usize,
  mean: usize,
  square: usize,
  length: i32,
  learningRate: f32,
  decay: f32,
  shrink: f32,
  inverseMeanCorrection: f32,
  inverseRootCorrection: f32,
): void {
  const size = f32x4.splat(learningRate * inverseMeanCorrection);
  const rootCorrection = f32x4.splat(inverseRootCorrection);
  const decays = f32x4.splat(decay);
  const shrinks = f32x4.splat(shrink);
  const beta1 = f32x4.splat(0.9);
  const rest1 = f32x4.splat(0.1);
  const beta2 = f32x4.splat(0.999);
  const rest2 = f32x4.splat(0.001);
  const epsilon = f32x4.splat(1e-8);
  for (let at: usize = 0; at < usize(length) << 2; at += 16) {
    const g = decayed(weights + at, gradients + at, decays);
    const m = f32x4.add(f32x4.mul(v128.load(mean + at), beta1), f32x4.mul(g, rest1));
    const v = f32x4.add(f32x4.mul(v128.load(square + at), beta2), f32x4.mul(f32x4.mul(g, g), rest2));
    v128.store(mean + at, m);
    v128.store(square + at, v);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v), rootCorrection), epsilon);
    const weight = v128.load(weights + at);
    const shrunk = f32x4.sub(weight, f32x4.mul(shrinks, weight));
    v128.store(weights + at, f32x4.sub(shrunk, f32x4.mul(size, f32x4.div(m, denominator))));
  }
}
