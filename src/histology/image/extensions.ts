/** Which file names are taken for images that decode.ts reads. */

const IMAGE_NAME = /\.(png|jpe?g|tiff?|webp)$/i;

/** The extensions, for messages. */
export const IMAGE_EXTENSIONS = ".png, .jpg, .tif or .webp";

/** Whether a file's name has the extension of an image. */
export function isImageName(name: string): boolean {
  return IMAGE_NAME.test(name);
}
