/** File name extensions of the images that decode.ts reads. */

const IMAGE_NAME = /\.(png|jpe?g|tiff?|webp)$/i;

/** The extensions, as text for messages. */
export const IMAGE_EXTENSIONS = ".png, .jpg, .tif or .webp";

/** Returns whether a file name has an image extension. */
export function isImageName(name: string): boolean {
  return IMAGE_NAME.test(name);
}
