/** One worker's part of the blocks: runs its share of the images forward and backward, one group at a time. */
import type { StepOptions } from "../training/step.ts";
import type { Barrier } from "./barrier.ts";
import { type BlockMemory, outputLength, reserveTrunk, type TrunkMemory, weightsOf } from "./block_memory.ts";
import { Images } from "./input.ts";
import type { Kernels } from "./kernels.ts";
import { openProducts, type Products } from "./matmul.ts";
import { type Floats, MemoryPlan, part } from "./memory.ts";
import { batchStatistics, normalizationBackward, normalizationOf } from "./normalization.ts";
import { type Block, commonLength, type FusedPlan, type Part, partsOf } from "./plan.ts";
import { type Profile, timed } from "./profile.ts";
import type { BlockExchange, Exchange } from "./shared_memory.ts";
import { type Group, groupsOf, imageShare, type Share } from "./shares.ts";

export interface WorkerOptions {
  readonly step: StepOptions;
  readonly plan: FusedPlan;
  readonly exchange: Exchange;
  readonly barrier: Pick<Barrier, "wait">;
  /** The index of this worker, and the number of workers. */
  readonly index: number;
  readonly workers: number;
  /** The largest batch size, over all workers together. */
  readonly capacity: number;
  readonly profile?: Profile | undefined;
}

/** A block with one worker's memory, weights, products and kernels for it. */
interface OwnBlock {
  readonly place: number;
  readonly block: Block;
  readonly memory: BlockMemory;
  readonly shared: BlockExchange;
  readonly weights: Record<Part, Floats>;
  readonly products: Products;
  readonly kernels: Kernels;
}

/** One worker's share of a batch. */
interface Task {
  readonly batchSize: number;
  readonly share: Share;
  readonly groups: readonly Group[];
}

export class Trunk {
  readonly #options: WorkerOptions;
  readonly #memory: TrunkMemory;
  readonly #blocks: readonly OwnBlock[];
  readonly #images: Images;

  private constructor(options: WorkerOptions, products: readonly Products[]) {
    const { plan, workers, exchange, capacity, profile } = options;
    const plannedMemory = new MemoryPlan();
    this.#options = options;
    this.#memory = reserveTrunk(plannedMemory, plan, imageShare(capacity, 0, workers).count);
    const kernels = plannedMemory.open();
    this.#images = new Images(options.step, exchange);
    this.#blocks = plan.blocks.map((block, place) => {
      const { name } = block.convolution;
      return {
        place,
        block,
        memory: this.#memory.blocks[place]!,
        shared: exchange.blocks[place]!,
        weights: weightsOf(plan, this.#memory.weights, place),
        products: profile ? profile.watch(name, products[place]!) : products[place]!,
        kernels: profile ? profile.watch(name, { ...kernels }) : kernels,
      };
    });
  }

  static async open(options: WorkerOptions): Promise<Trunk> {
    const opened: Trunk[] = [];
    const kernels = () => opened[0]!.kernels;
    const products = await Promise.all(options.plan.blocks.map((block) => openProducts(block, kernels)));
    opened.push(new Trunk(options, products));
    return opened[0]!;
  }

  async close(): Promise<void> {
    for (const { products } of this.#blocks) await products.close();
    await this.#images.close();
  }

  get kernels(): Kernels {
    return this.#blocks[0]!.kernels;
  }

  /** The common weights in the worker's memory, as of the beginning of the step. */
  get weights(): Floats {
    return this.#memory.weights;
  }

  /** Runs this worker's share of the batch forward: from the images to the features, both in the exchange. */
  async forward(batchSize: number): Promise<void> {
    const { exchange } = this.#options;
    const task = this.#taskOf(batchSize);
    this.#memory.weights.view.set(exchange.common.weights);
    if (task.share.count > 0) {
      const { kernels, memory } = this.#blocks[0]!;
      const { pixels, moves } = this.#memory;
      const load = () => this.#images.load(task.share, kernels, { pixels, moves, planes: memory.input });
      await timed(this.#options.profile, "images", load);
    }
    for (const own of this.#blocks) {
      for (const group of task.groups) await this.#convolve(own, group, task);
      this.#options.barrier.wait();
      this.#normalizeBatch(own, batchSize);
    }
    const last = this.#blocks.at(-1)!;
    const length = outputLength(last.block);
    const { features } = this.#memory;
    for (const group of task.groups) {
      this.#normalize(last, part(features, group.first * length, group.count * length), { group, task, isLast: true });
    }
    const { first, count } = task.share;
    exchange.features.set(features.view.subarray(0, count * length), first * length);
  }

  /** Runs backward from the gradients of the features; writes those of the weights, one row per group. */
  async backward(batchSize: number): Promise<void> {
    const { exchange } = this.#options;
    const task = this.#taskOf(batchSize);
    const last = this.#blocks.at(-1)!;
    const length = outputLength(last.block);
    const { first, count } = task.share;
    this.#gradientOf(last).view.set(exchange.featureGradients.subarray(first * length, (first + count) * length));
    for (const group of task.groups) this.#backwardMoments(last, group, task);
    for (const own of [...this.#blocks].reverse()) {
      this.#options.barrier.wait();
      this.#prepareBackward(own, batchSize);
      for (const group of task.groups) await this.#backward(own, group, task);
    }
  }

  #taskOf(batchSize: number): Task {
    const share = imageShare(batchSize, this.#options.index, this.#options.workers);
    return { batchSize, share, groups: groupsOf(share) };
  }

  /** Normalizes the previous block's results, runs the convolution and ReLU, and writes the normalization's sums. */
  async #convolve(own: OwnBlock, group: Group, task: Task): Promise<void> {
    const { kernels, weights, products, shared } = own;
    const { inputs, height, width, convolution } = own.block;
    const { spatial, sums } = this.#memory.group;
    const input = this.#inputOf(own, group);
    if (own.place > 0) this.#normalize(this.#blocks[own.place - 1]!, input, { group, task, isLast: false });
    kernels.depthwiseForward(input.at, weights.depthwise.at, spatial.at, group.count, inputs, height, width);
    const result = this.#resultOf(own, group);
    await products.forward(group.count, { weight: weights.pointwise, x: spatial, result });
    const { filters } = convolution;
    kernels.biasReluMoments(result.at, weights.bias.at, sums.at, group.count, filters, height * width);
    const start = (task.share.first + group.first) * filters * 2;
    shared.moments.set(sums.view.subarray(0, group.count * filters * 2), start);
  }

  #normalizeBatch({ block, memory, shared, weights }: OwnBlock, batchSize: number): void {
    const { convolution, height, width } = block;
    const counts = { images: batchSize, channels: convolution.filters, pixels: height * width };
    const statistics = batchStatistics(shared.moments, counts);
    if (this.#options.index === 0) shared.statistics.set(statistics);
    normalizationOf(
      block,
      { statistics, scale: weights.scale.view, offset: weights.offset.view },
      { slope: memory.slope.view, offset: memory.offset.view },
    );
  }

  /** Normalizes a group's results, with pooling and dropout; writes bordered planes, dense ones after the last block. */
  #normalize(
    { block, memory, shared, kernels, ...own }: OwnBlock,
    target: Floats,
    { group, task, isLast }: { group: Group; task: Task; isLast: boolean },
  ): void {
    const { height, width, convolution, dropout } = block;
    const { filters } = convolution;
    const { slope, offset } = memory;
    const result = this.#resultOf({ block, memory, shared, kernels, ...own }, group);
    if (!block.pooled) {
      kernels.normalize(result.at, slope.at, offset.at, target.at, group.count, filters, height, width);
      return;
    }
    const { randomBytes } = this.#memory.group;
    const length = outputLength(block);
    if (dropout) {
      const start = (task.share.first + group.first) * length;
      randomBytes.view.set(shared.randomBytes.subarray(start, start + group.count * length));
    }
    kernels.normalizePool(
      result.at,
      slope.at,
      offset.at,
      dropout ? randomBytes.at : 0,
      dropout ? dropout.rate * 256 : 0,
      keepScale(block),
      target.at,
      part(memory.places, group.first * length, group.count * length).at,
      !isLast,
      group.count,
      filters,
      height,
      width,
    );
  }

  /** Writes the sums that the gradient of the normalization needs from the whole batch to the exchange. */
  #backwardMoments(own: OwnBlock, group: Group, task: Task): void {
    const { block, memory, kernels, shared } = own;
    const { filters } = block.convolution;
    const { sums } = this.#memory.group;
    const { height, width } = block;
    const result = this.#resultOf(own, group);
    const length = outputLength(block);
    const gradient = this.#gradientOf(own).at + group.first * length * 4;
    if (block.pooled) {
      const places = memory.places.at + group.first * length;
      const from = [gradient, places, keepScale(block), result.at, sums.at] as const;
      kernels.pooledMoments(...from, group.count, filters, height, width);
    } else {
      kernels.backwardMoments(gradient, result.at, sums.at, group.count, filters, height * width);
    }
    const start = (task.share.first + group.first) * filters * 2;
    shared.backwardMoments.set(sums.view.subarray(0, group.count * filters * 2), start);
  }

  /** The gradient of a group's normalized results: undoes dropout and pooling. */
  #unpool(own: OwnBlock, group: Group): Floats {
    const { block, memory, kernels } = own;
    const { height, width, convolution } = block;
    const length = outputLength(block);
    const gradient = part(this.#gradientOf(own), group.first * length, group.count * length);
    if (!block.pooled) return gradient;
    const places = memory.places.at + group.first * length;
    const { unpooled } = this.#memory.group;
    const { filters } = convolution;
    kernels.poolBackward(gradient.at, places, keepScale(block), unpooled.at, group.count, filters, height, width);
    return unpooled;
  }

  #prepareBackward({ block, place, shared, weights }: OwnBlock, batchSize: number): void {
    const { a, b, shift } = this.#memory.group;
    const { plan, index, exchange } = this.#options;
    const gradients = normalizationBackward(
      block,
      {
        moments: shared.backwardMoments,
        statistics: shared.statistics,
        scale: weights.scale.view,
        images: batchSize,
      },
      { a: a.view, b: b.view, offset: shift.view },
    );
    // These gradients cover the whole batch, so they are written once, into the first group's row.
    if (index !== 0) return;
    const { scale, offset } = partsOf(plan, place);
    exchange.gradients.set(gradients.scale, scale.start);
    exchange.gradients.set(gradients.offset, offset.start);
  }

  async #backward(own: OwnBlock, group: Group, task: Task): Promise<void> {
    const { block, place, kernels, weights, products } = own;
    const { inputs, height, width, convolution } = block;
    const { filters } = convolution;
    const { spatial, spatialGradient, pointwiseGradients, sums, plane, a, b, shift } = this.#memory.group;
    const pixels = height * width;
    const { count } = group;
    const gradient = this.#unpool(own, group);
    const result = this.#resultOf(own, group);
    const numbers = [a.at, b.at, shift.at, sums.at] as const;
    kernels.normalizeReluBackward(gradient.at, result.at, ...numbers, count, filters, pixels);
    this.#giveSums(own, "bias", sums.view, group);
    const input = this.#inputOf(own, group);
    const before = this.#blocks[place - 1];
    if (before && !own.memory.isInputKept) this.#normalize(before, input, { group, task, isLast: false });
    kernels.depthwiseForward(input.at, weights.depthwise.at, spatial.at, count, inputs, height, width);
    await products.backward(count, {
      weight: weights.pointwise,
      x: spatial,
      gradient,
      inputGradient: spatialGradient,
      weightGradients: pointwiseGradients,
    });
    this.#giveProducts(own, group);
    kernels.clearBorders(plane.at, 1, height, width);
    const below = before ? this.#gradientOf(before).at + group.first * outputLength(before.block) * 4 : 0;
    kernels.depthwiseBackward(
      input.at,
      spatialGradient.at,
      weights.depthwise.at,
      below,
      sums.at,
      plane.at,
      count,
      inputs,
      height,
      width,
    );
    this.#giveSums(own, "depthwise", sums.view, group);
    if (before) this.#backwardMoments(before, group, task);
  }

  /** Adds up per-image sums and writes them to the exchange as the group's gradient of a weight. */
  #giveSums({ place }: OwnBlock, name: Part, sums: Float64Array, group: Group): void {
    const { plan, exchange } = this.#options;
    const { start, length } = partsOf(plan, place)[name];
    const row = group.number * commonLength(plan) + start;
    for (let element = 0; element < length; element++) {
      let sum = 0;
      for (let image = 0; image < group.count; image++) sum += sums[image * length + element]!;
      exchange.gradients[row + element] = sum;
    }
  }

  #giveProducts({ place, kernels }: OwnBlock, group: Group): void {
    const { plan, exchange } = this.#options;
    const { pointwiseGradients } = this.#memory.group;
    const { start, length } = partsOf(plan, place).pointwise;
    for (let image = 1; image < group.count; image++) {
      kernels.addInto(pointwiseGradients.at, pointwiseGradients.at + image * length * 4, length);
    }
    exchange.gradients.set(pointwiseGradients.view.subarray(0, length), group.number * commonLength(plan) + start);
  }

  #inputOf({ block, memory }: OwnBlock, { first, count }: Group): Floats {
    const length = block.inputs * (block.height + 2) * (block.width + 2);
    return part(memory.input, memory.isInputKept ? first * length : 0, count * length);
  }

  #resultOf({ block, memory }: OwnBlock, { first, count }: Group): Floats {
    const length = block.convolution.filters * block.height * block.width;
    return part(memory.result, first * length, count * length);
  }

  #gradientOf({ place }: OwnBlock): Floats {
    return this.#memory.gradients[place % 2]!;
  }
}

function keepScale({ dropout }: Block): number {
  return dropout ? 1 / (1 - dropout.rate) : 1;
}
