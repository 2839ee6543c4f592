/**
 * Decides whether an OME image with separate channels is stained tissue in RGB, and which channel is red, green and
 * blue.
 */

/** The description of a channel. */
export interface OmeChannel {
  readonly name: string | undefined;
  /** RGBA as a signed 32-bit integer. */
  readonly color: number | undefined;
  readonly samples: number;
  /** True if it states a fluorophore, or an excitation or emission wavelength. */
  readonly fluorescent: boolean;
  /** True if it states transmitted light. */
  readonly transmitted: boolean;
}

const NAMES: readonly RegExp[] = [/^r(ed)?$/i, /^g(reen)?$/i, /^b(lue)?$/i];
/** Opaque red, green and blue. */
const COLOURS: readonly number[] = [0xff0000ff | 0, 0x00ff00ff, 0x0000ffff];

/**
 * The indices of the red, green and blue channels; undefined if the image is not treated as RGB.
 *
 * There must be three channels with one sample each, and none may be fluorescent. In addition, one of these must hold:
 * - The channels are named red, green and blue (or R, G and B).
 * - No channel has a name, and their colours are red, green and blue.
 * - No channel has a name, and all state transmitted light. They are then taken in their order.
 *
 * Colours do not count if the channels have other names, because viewers assign exactly these colours to stains such as
 * DAPI.
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
