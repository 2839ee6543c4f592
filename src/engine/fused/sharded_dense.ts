/**
 * One worker's slices of the wide dense layer: keeps their weights and computes their products, forward and backward.
 */
import type { WorkerOptions } from "./backbone.ts";
import type { Kernels } from "./kernels.ts";
import { openWideProducts, type WideProducts } from "./matmul.ts";
import { type Floats, MemoryPlan } from "./memory.ts";
import type { WideLayer } from "./plan.ts";
import { type Share, shareOf } from "./shares.ts";
import { UPDATES, type UpdateScalars } from "./updates.ts";

export class Wide {
  readonly #options: WorkerOptions;
  readonly #layer: WideLayer;
  readonly #share: Share;
  readonly #products: WideProducts;
  readonly #kernels: Kernels;
  readonly #weights: Floats;
  readonly #state: readonly Floats[];
  readonly #weightGradients: Floats;
  readonly #x: Floats;
  readonly #inputGradient: Floats;
  readonly #sums: Floats;
  readonly #gradient: Floats;

  private constructor(options: WorkerOptions, layer: WideLayer, share: Share, products: WideProducts) {
    const { capacity, exchange, profile } = options;
    const { units } = layer;
    const width = layer.inputs / layer.slices;
    const memory = new MemoryPlan();
    const floats = (length: number) => memory.reserve(Float32Array, length);
    this.#options = options;
    this.#layer = layer;
    this.#share = share;
    this.#products = profile ? profile.watch("wide", products) : products;
    this.#weights = floats(share.count * width * units);
    this.#state = exchange.wide.state.map(() => floats(share.count * width * units));
    this.#weightGradients = floats(share.count * width * units);
    this.#x = floats(share.count * capacity * width);
    this.#inputGradient = floats(share.count * capacity * width);
    this.#sums = floats(share.count * capacity * units);
    this.#gradient = floats(capacity * units);
    const kernels = memory.open();
    this.#kernels = profile ? profile.watch("wide", { ...kernels }) : kernels;
    this.#eachArray((own, shared, start) => own.view.set(shared.subarray(start, start + own.view.length)));
  }

  /** Opens the worker's slices with the weights from the exchange. Returns undefined if the worker has no slices. */
  static async open(options: WorkerOptions, layer: WideLayer): Promise<Wide | undefined> {
    const share = shareOf(layer.slices, options.index, options.workers);
    if (share.count === 0) return undefined;
    return new Wide(options, layer, share, await openWideProducts(layer, share.count));
  }

  close(): Promise<void> {
    return this.#products.close();
  }

  /** Reads the features from the exchange and writes the sums of each slice to it. */
  async forward(images: number): Promise<void> {
    const { features, wide } = this.#options.exchange;
    this.#eachRow(images, (own, start, length) => {
      this.#x.view.set(features.subarray(start, start + length), own);
    });
    await this.#products.forward(images, { weights: this.#weights, x: this.#x, sums: this.#sums });
    const length = images * this.#layer.units;
    wide.sums.set(this.#sums.view.subarray(0, this.#share.count * length), this.#share.first * length);
  }

  /**
   * Reads the gradient of the layer's output from the exchange and writes the gradient of the features to it. Also
   * computes the gradient of the worker's weights.
   */
  async backward(images: number): Promise<void> {
    const { featureGradients, wide } = this.#options.exchange;
    this.#gradient.view.set(wide.gradient.subarray(0, images * this.#layer.units));
    await this.#products.backward(images, {
      weights: this.#weights,
      x: this.#x,
      gradient: this.#gradient,
      inputGradient: this.#inputGradient,
      weightGradients: this.#weightGradients,
    });
    this.#eachRow(images, (own, start, length) => {
      featureGradients.set(this.#inputGradient.view.subarray(own, own + length), start);
    });
  }

  update(scalars: UpdateScalars): void {
    UPDATES[this.#options.step.optimizer](
      this.#kernels,
      {
        weights: this.#weights.at,
        gradients: this.#weightGradients.at,
        state: this.#state.map(({ at }) => at),
        length: this.#weights.view.length,
      },
      scalars,
    );
  }

  /** Writes the weights and the optimizer's state to the exchange. */
  save(): void {
    this.#eachArray((own, shared, start) => shared.set(own.view, start));
  }

  #eachArray(visit: (own: Floats, shared: Float32Array, start: number) => void): void {
    const { wide } = this.#options.exchange;
    const start = (this.#share.first * this.#layer.inputs * this.#layer.units) / this.#layer.slices;
    visit(this.#weights, wide.weights, start);
    this.#state.forEach((own, index) => {
      visit(own, wide.state[index]!, start);
    });
  }

  /**
   * Calls `visit` for each slice and image, with the offset of its row in the worker's arrays, its offset in the
   * exchange, and its length.
   */
  #eachRow(images: number, visit: (own: number, shared: number, length: number) => void): void {
    const { inputs, slices } = this.#layer;
    const width = inputs / slices;
    for (let slice = 0; slice < this.#share.count; slice++) {
      for (let image = 0; image < images; image++) {
        visit((slice * images + image) * width, image * inputs + (this.#share.first + slice) * width, width);
      }
    }
  }
}
