/** One worker's part of a step: its share of the images through the blocks, forward and backward. */
import { type NamedTensor, Session } from "../runtime/session.ts";
import type { StepOptions } from "../training/step.ts";
import { buildInputGraph } from "../training/step_graph.ts";
import { type BlockExchange, type Exchange, shareOf, waitForAll } from "./exchange.ts";
import type { Kernels } from "./kernels.ts";
import { MemoryPlan, type Piece } from "./memory.ts";
import { batchStatistics, normalizationBackward } from "./normalization.ts";
import { type Block, type FusedPlan, outputSize } from "./plan.ts";
import { openProducts, type Products } from "./products.ts";

export interface TrunkOptions {
  readonly step: StepOptions;
  readonly plan: FusedPlan;
  readonly exchange: Exchange;
  /** This worker, and how many there are. */
  readonly index: number;
  readonly workers: number;
  /** The largest batch of all workers together. */
  readonly capacity: number;
}

/** A block's arrays in the worker's memory, for its largest share of the images. */
interface BlockState {
  readonly block: Block;
  readonly shared: BlockExchange;
  readonly products: Products;
  /** Bordered. */
  readonly input: Piece<Float32Array>;
  readonly spatial: Piece<Float32Array>;
  /** The ReLU's results. */
  readonly result: Piece<Float32Array>;
  readonly places: Piece<Uint8Array>;
  readonly randomBytes: Piece<Uint8Array>;
  readonly depthwise: Piece<Float32Array>;
  readonly pointwise: Piece<Float32Array>;
  readonly bias: Piece<Float32Array>;
}

type Floats = Piece<Float32Array>;
type Doubles = Piece<Float64Array>;

export class Trunk {
  readonly #options: TrunkOptions;
  readonly #kernels: Kernels;
  readonly #blocks: readonly BlockState[];
  readonly #pixels: Floats;
  /** Dense: the blocks' result on the way forward. */
  readonly #features: Floats;
  /** Two planes of gradients take turns: what comes in from above, and what goes out below. */
  readonly #gradient: Floats;
  readonly #unpooled: Floats;
  readonly #spatialGradient: Floats;
  readonly #scratch: Floats;
  readonly #pointwiseSums: Floats;
  readonly #sums: Doubles;
  /** Three numbers a channel. */
  readonly #channels: readonly [Floats, Floats, Floats];
  readonly #inputs = new Map<number, Promise<Session>>();

  private constructor(options: TrunkOptions, products: readonly Products[]) {
    const { plan, workers, exchange } = options;
    const images = Math.ceil(options.capacity / workers);
    const memory = new MemoryPlan();
    const floats = (length: number) => memory.reserve(Float32Array, length);
    const bytes = (length: number) => memory.reserve(Uint8Array, length);
    const most = (of: (block: Block) => number) => Math.max(...plan.blocks.map(of));
    const pixels = ({ height, width }: Block) => height * width;
    this.#options = options;
    this.#blocks = plan.blocks.map((block, index) => {
      const { filters } = block.convolution;
      const [pooledHeight, pooledWidth] = outputSize(block);
      const pooled = images * filters * pooledHeight * pooledWidth;
      return {
        block,
        shared: exchange.blocks[index]!,
        products: products[index]!,
        input: floats(images * block.inputs * (block.height + 2) * (block.width + 2)),
        spatial: floats(images * block.inputs * pixels(block)),
        result: floats(images * filters * pixels(block)),
        places: bytes(block.pooled ? pooled : 0),
        randomBytes: bytes(block.dropout ? pooled : 0),
        depthwise: floats(block.inputs * 9),
        pointwise: floats(filters * block.inputs),
        bias: floats(filters),
      };
    });
    const [channels, height, width] = options.step.model.inputShape;
    const featureLength = plan.head.inputShape.reduce((product, side) => product * side, 1);
    this.#pixels = floats(images * channels * height * width);
    this.#features = floats(images * featureLength);
    const largest = most((block) => Math.max(block.inputs, block.convolution.filters) * pixels(block));
    this.#gradient = floats(images * largest);
    this.#unpooled = floats(images * largest);
    this.#spatialGradient = floats(images * most((block) => block.inputs * pixels(block)));
    this.#scratch = floats(most((block) => (block.height + 2) * (block.width + 2)));
    this.#pointwiseSums = floats(images * most((block) => block.convolution.filters * block.inputs));
    this.#sums = memory.reserve(
      Float64Array,
      images * most((block) => Math.max(block.inputs * 9, block.convolution.filters * 2)),
    );
    const perChannel = () => floats(most((block) => block.convolution.filters));
    this.#channels = [perChannel(), perChannel(), perChannel()];
    this.#kernels = memory.open();
  }

  static async open(options: TrunkOptions): Promise<Trunk> {
    return new Trunk(options, await Promise.all(options.plan.blocks.map(openProducts)));
  }

  async close(): Promise<void> {
    for (const { products } of this.#blocks) await products.close();
    for (const session of this.#inputs.values()) await (await session).close();
  }

  /** Takes this worker's share of the batch from the exchange to the features in the exchange. */
  async forward(batchSize: number): Promise<void> {
    const { first, count } = shareOf(batchSize, this.#options.index, this.#options.workers);
    if (count > 0) await this.#loadPixels(first, count);
    for (const [index, state] of this.#blocks.entries()) {
      await this.#blockForward(state, { first, count, batchSize, next: this.#blocks[index + 1] });
    }
    const length = this.#features.view.length / Math.ceil(this.#options.capacity / this.#options.workers);
    this.#options.exchange.features.set(this.#features.view.subarray(0, count * length), first * length);
  }

  async #loadPixels(first: number, count: number): Promise<void> {
    const { step, exchange } = this.#options;
    const [channels, height, width] = step.model.inputShape;
    const imageBytes = step.imageSize[0] * step.imageSize[1] * channels;
    let session = this.#inputs.get(count);
    if (!session) {
      session = Session.fromGraph(buildInputGraph(step, count), { threads: 1 });
      this.#inputs.set(count, session);
    }
    const part = <T extends Uint8Array | Float32Array>(array: T, length: number) =>
      array.slice(first * length, (first + count) * length) as T;
    const feeds: Record<string, NamedTensor> = {
      images: { data: part(exchange.images, imageBytes), shape: [count, ...step.imageSize, channels] },
    };
    if (step.move) feeds.moves = { data: part(exchange.moves, 6), shape: [count, 2, 3] };
    if (step.recolour) feeds.colours = { data: part(exchange.colours, 12), shape: [count, 3, 4] };
    const pixels = tensor(this.#pixels, [count, channels, height, width]);
    await (await session).run(feeds, { pixels });
    this.#kernels.toBordered(this.#pixels.at, this.#blocks[0]!.input.at, count * channels, height, width);
  }

  async #blockForward(
    { block, shared, products, ...own }: BlockState,
    {
      first,
      count,
      batchSize,
      next,
    }: { first: number; count: number; batchSize: number; next: BlockState | undefined },
  ): Promise<void> {
    const kernels = this.#kernels;
    const { inputs, height, width, normalization, dropout } = block;
    const { filters } = block.convolution;
    const pixels = height * width;
    own.depthwise.view.set(shared.weights.depthwise);
    own.pointwise.view.set(shared.weights.pointwise);
    own.bias.view.set(shared.weights.bias);
    if (count > 0) {
      kernels.depthwiseForward(own.input.at, own.depthwise.at, own.spatial.at, count, inputs, height, width);
      await products.forward({
        weight: tensor(own.pointwise, [filters, inputs]),
        x: tensor(own.spatial, [count, inputs, pixels]),
        result: tensor(own.result, [count, filters, pixels]),
      });
      kernels.biasReluMoments(own.result.at, own.bias.at, this.#sums.at, count, filters, pixels);
      shared.moments.set(this.#sums.view.subarray(0, count * filters * 2), first * filters * 2);
    }
    waitForAll(this.#options.exchange.barrier, this.#options.workers);
    const statistics = batchStatistics(shared.moments, { images: batchSize, channels: filters, pixels });
    if (this.#options.index === 0) shared.statistics.set(statistics);
    const [slope, offset] = this.#channels;
    for (let channel = 0; channel < filters; channel++) {
      const [mean, variance] = [statistics[channel * 2]!, statistics[channel * 2 + 1]!];
      slope.view[channel] = shared.weights.scale[channel]! / Math.sqrt(variance + normalization.epsilon);
      offset.view[channel] = shared.weights.offset[channel]! - mean * slope.view[channel]!;
    }
    if (count === 0) return;
    const target = next?.input ?? this.#features;
    if (!block.pooled) {
      kernels.normalize(own.result.at, slope.at, offset.at, target.at, count, filters, height, width);
      return;
    }
    const length = filters * (height >> 1) * (width >> 1);
    if (dropout) own.randomBytes.view.set(shared.randomBytes.subarray(first * length, (first + count) * length));
    const [bytes, threshold, keep] = dropout
      ? [own.randomBytes.at, dropout.rate * 256, 1 / (1 - dropout.rate)]
      : [0, 0, 1];
    kernels.normalizePool(
      own.result.at,
      slope.at,
      offset.at,
      bytes,
      threshold,
      keep,
      target.at,
      own.places.at,
      next !== undefined,
      count,
      filters,
      height,
      width,
    );
  }

  /** Takes the gradients of the features back to those of the weights, which are then whole in the exchange. */
  async backward(batchSize: number): Promise<void> {
    const { index, workers, exchange } = this.#options;
    const { first, count } = shareOf(batchSize, index, workers);
    const length = exchange.features.length / this.#options.capacity;
    this.#gradient.view.set(exchange.featureGradients.subarray(first * length, (first + count) * length));
    for (let place = this.#blocks.length - 1; place >= 0; place--) {
      await this.#blockBackward(this.#blocks[place]!, { first, count, batchSize, isFirst: place === 0 });
    }
    waitForAll(exchange.barrier, workers);
    for (const { shared } of this.#blocks) sumOverImages(shared, batchSize, this.#options);
  }

  async #blockBackward(
    { block, shared, products, ...own }: BlockState,
    { first, count, batchSize, isFirst }: { first: number; count: number; batchSize: number; isFirst: boolean },
  ): Promise<void> {
    const kernels = this.#kernels;
    const { inputs, height, width, dropout } = block;
    const { filters } = block.convolution;
    const pixels = height * width;
    const gradient = block.pooled ? this.#unpooled : this.#gradient;
    if (count > 0) {
      if (block.pooled) {
        const keep = dropout ? 1 / (1 - dropout.rate) : 1;
        kernels.poolBackward(this.#gradient.at, own.places.at, keep, gradient.at, count, filters, height, width);
      }
      kernels.backwardMoments(gradient.at, own.result.at, this.#sums.at, count, filters, pixels);
      shared.backwardMoments.set(this.#sums.view.subarray(0, count * filters * 2), first * filters * 2);
    }
    waitForAll(this.#options.exchange.barrier, this.#options.workers);
    const [a, b, offset] = this.#channels;
    const writesGradients = this.#options.index === 0;
    normalizationBackward(block, shared, {
      images: batchSize,
      a: a.view,
      b: b.view,
      offset: offset.view,
      writesGradients,
    });
    if (count === 0) return;
    kernels.normalizeReluBackward(
      gradient.at,
      own.result.at,
      a.at,
      b.at,
      offset.at,
      this.#sums.at,
      count,
      filters,
      pixels,
    );
    shared.partials.bias.set(this.#sums.view.subarray(0, count * filters), first * filters);
    await products.backward({
      weight: tensor(own.pointwise, [filters, inputs]),
      x: tensor(own.spatial, [count, inputs, pixels]),
      gradient: tensor(gradient, [count, filters, pixels]),
      inputGradient: tensor(this.#spatialGradient, [count, inputs, pixels]),
      weightGradients: tensor(this.#pointwiseSums, [count, filters, inputs]),
    });
    shared.partials.pointwise.set(
      this.#pointwiseSums.view.subarray(0, count * filters * inputs),
      first * filters * inputs,
    );
    kernels.depthwiseBackward(
      own.input.at,
      this.#spatialGradient.at,
      own.depthwise.at,
      isFirst ? 0 : this.#gradient.at,
      this.#sums.at,
      this.#scratchFor(block),
      count,
      inputs,
      height,
      width,
    );
    shared.partials.depthwise.set(this.#sums.view.subarray(0, count * inputs * 9), first * inputs * 9);
  }

  /** A plane whose border is zero, whatever size it had before. */
  #scratchFor({ height, width }: Block): number {
    this.#kernels.clearBorders(this.#scratch.at, 1, height, width);
    return this.#scratch.at;
  }
}

/** The first elements of a piece as a tensor of a shape. */
function tensor({ view }: Floats, shape: readonly number[]): NamedTensor {
  return {
    data: view.subarray(
      0,
      shape.reduce((product, side) => product * side, 1),
    ),
    shape,
  };
}

/** Adds the gradients of all images in their order; each worker does its part of the elements. */
function sumOverImages({ partials, gradients }: BlockExchange, images: number, { index, workers }: TrunkOptions): void {
  const part = (length: number) => shareOf(length, index, workers);
  addSingles(partials.pointwise, gradients.pointwise, images, part(gradients.pointwise.length));
  addDoubles(partials.depthwise, gradients.depthwise, images, part(gradients.depthwise.length));
  addDoubles(partials.bias, gradients.bias, images, part(gradients.bias.length));
}

type Part = { readonly first: number; readonly count: number };

// Two functions alike: one that sees both types of array runs ten times as long.
function addSingles(rows: Float32Array, into: Float32Array, images: number, { first, count }: Part): void {
  const sums = new Float64Array(count);
  for (let image = 0; image < images; image++) {
    const start = image * into.length + first;
    for (let element = 0; element < count; element++) sums[element] = sums[element]! + rows[start + element]!;
  }
  into.set(sums, first);
}

function addDoubles(rows: Float64Array, into: Float32Array, images: number, { first, count }: Part): void {
  const sums = new Float64Array(count);
  for (let image = 0; image < images; image++) {
    const start = image * into.length + first;
    for (let element = 0; element < count; element++) sums[element] = sums[element]! + rows[start + element]!;
  }
  into.set(sums, first);
}
