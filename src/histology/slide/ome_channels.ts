/** Whether an OME image whose channels are pictures of their own is stained tissue in red, green and blue, and which channel is which. */

/** What the description says of a channel. */
export interface OmeChannel {
  readonly name: string | undefined;
  /** RGBA as a signed number of 32 bits. */
  readonly color: number | undefined;
  readonly samples: number;
  /** It states a fluorophore, or a wavelength that is excited or emitted. */
  readonly fluorescent: boolean;
  /** It states that light comes through the tissue. */
  readonly transmitted: boolean;
}

const NAMES: readonly RegExp[] = [/^r(ed)?$/i, /^g(reen)?$/i, /^b(lue)?$/i];
/** Red, green and blue without transparency. */
const COLOURS: readonly number[] = [0xff0000ff | 0, 0x00ff00ff, 0x0000ffff];

/**
 * The channels that are red, green and blue, by their places; undefined if the image is not taken for RGB.
 *
 * The rule: there are three channels of one sample each, none is fluorescent, and either their names are red, green and blue (or R, G
 * and B), or none has a name, and their colours are red, green and blue, or all state transmitted light and are taken in their order.
 * Colours alone do not count beside other names: viewers give stains such as DAPI just these.
 */
export function rgbChannels(channels: readonly OmeChannel[]): readonly number[] | undefined {
  if (channels.length !== 3) return undefined;
  if (channels.some(({ samples, fluorescent }) => samples !== 1 || fluorescent)) return undefined;
  const named = NAMES.map((name) => channels.findIndex((channel) => name.test(channel.name?.trim() ?? "")));
  if (areAll(named)) return named;
  if (channels.some(({ name }) => name !== undefined && name.trim() !== "")) return undefined;
  const coloured = COLOURS.map((colour) => channels.findIndex(({ color }) => color === colour));
  if (areAll(coloured)) return coloured;
  return channels.every(({ transmitted }) => transmitted) ? [0, 1, 2] : undefined;
}

const areAll = (places: readonly number[]): boolean => places.every((place) => place >= 0);
