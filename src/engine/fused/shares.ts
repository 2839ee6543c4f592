/** Divides work among the workers: a batch in whole groups of images, and any other number of items. */

/**
 * The number of images that a worker processes together. It is so small that their data stays in a core's own cache.
 * The gradients of weights are added up per group, so the groups are the same for any number of workers.
 */
export const GROUP_IMAGES = 4;

export interface Share {
  readonly first: number;
  readonly count: number;
}

/** The share of worker `index` of `workers` in `items` items. Shares differ by at most one. */
export function shareOf(items: number, index: number, workers: number): Share {
  const smaller = Math.floor(items / workers);
  const larger = items % workers;
  return { first: index * smaller + Math.min(index, larger), count: smaller + (index < larger ? 1 : 0) };
}

/** The number of groups in a batch. */
export function groupCount(images: number): number {
  return Math.ceil(images / GROUP_IMAGES);
}

/** A worker's share of the images of a batch. */
export function imageShare(images: number, index: number, workers: number): Share {
  const groups = shareOf(groupCount(images), index, workers);
  const first = Math.min(groups.first * GROUP_IMAGES, images);
  return { first, count: Math.min((groups.first + groups.count) * GROUP_IMAGES, images) - first };
}

/** A group of a worker: `first` counts from the worker's first image, `number` is the group's index in the batch. */
export interface Group extends Share {
  readonly number: number;
}

/** The groups of a worker's images. */
export function groupsOf({ first, count }: Share): Group[] {
  return Array.from({ length: groupCount(count) }, (_, index) => ({
    first: index * GROUP_IMAGES,
    count: Math.min(GROUP_IMAGES, count - index * GROUP_IMAGES),
    number: first / GROUP_IMAGES + index,
  }));
}
