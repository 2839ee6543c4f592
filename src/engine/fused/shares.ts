/** Who does what: shares of a batch in whole groups of images, and of anything that can be counted. */

/**
 * Images that are worked on together: so few that what is in hand stays in a core's own cache. The gradients of weights are
 * added up by group, so the groups are the same for any number of workers.
 */
export const GROUP_IMAGES = 4;

export interface Share {
  readonly first: number;
  readonly count: number;
}

/** The part of `items` things that worker `index` of `workers` has: shares differ by one at most. */
export function shareOf(items: number, index: number, workers: number): Share {
  const smaller = Math.floor(items / workers);
  const larger = items % workers;
  return { first: index * smaller + Math.min(index, larger), count: smaller + (index < larger ? 1 : 0) };
}

/** How many groups a batch has. */
export function groupCount(images: number): number {
  return Math.ceil(images / GROUP_IMAGES);
}

/** The images of a batch that a worker has. */
export function imageShare(images: number, index: number, workers: number): Share {
  const groups = shareOf(groupCount(images), index, workers);
  const first = Math.min(groups.first * GROUP_IMAGES, images);
  return { first, count: Math.min((groups.first + groups.count) * GROUP_IMAGES, images) - first };
}

/** A group of a worker: its images among the worker's own, and its number in the batch. */
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
