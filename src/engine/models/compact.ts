/**
 * Our own small models: CancerNet's blocks with a fourth pooling, and global average pooling instead of the wide dense
 * layer. They are for two classes, and differ in their numbers of filters only.
 */
import type { ModelDescription } from "../nn/model.ts";
import { convolve, downsample } from "./blocks.ts";

/** The name and origin of a small model, and the filters of its seven convolutions. */
interface SmallModel extends Pick<ModelDescription, "name" | "source"> {
  readonly filters: readonly [number, number, number, number, number, number, number];
}

/**
 * A function that returns the model for RGB images of `side` x `side` pixels. `side` must be at least 16, because of the
 * four poolings.
 */
function small({ name, source, filters }: SmallModel): (side: number) => ModelDescription {
  const [first, second, third, fourth, fifth, sixth, seventh] = filters;
  return (side) => ({
    name,
    source,
    inputShape: [3, side, side],
    layers: [
      ...convolve(1, first),
      ...downsample(1, 0.125),
      ...convolve(2, second),
      ...convolve(3, third),
      ...downsample(2, 0.125),
      ...convolve(4, fourth),
      ...convolve(5, fifth),
      ...downsample(3, 0.125),
      ...convolve(6, sixth),
      ...convolve(7, seventh),
      ...downsample(4, 0.125),
      { kind: "globalAveragePool" },
      { kind: "dropout", name: "dropout5", rate: 0.25 },
      { kind: "dense", name: "dense1", units: 2 },
    ],
  });
}

export const buildCompact = small({
  name: "compact",
  source: "cancernet; global average pooling as in Lin et al., Network in network, ICLR 2014",
  filters: [32, 64, 64, 128, 128, 256, 256],
});

/**
 * Half as many filters as compact where images are large, three quarters where they are small: less than half of the
 * multiplications.
 */
export const buildSlim = small({
  name: "slim",
  source: "cancernet: compact with fewer filters",
  filters: [16, 32, 32, 96, 96, 192, 192],
});

export const compact: ModelDescription = buildCompact(48);
export const slim: ModelDescription = buildSlim(48);
