/**
 * Error messages for unsupported slide formats, each with advice on a conversion that works. All such advice is in this
 * file.
 */
import { UserError } from "../../util/errors.ts";

/**
 * The program that converts a format: libvips with OpenSlide, Bio-Formats, GDCM (which decompresses DICOM), or only the
 * vendor's own program.
 */
export type Converter = "libvips" | "Bio-Formats" | "GDCM" | "vendor";

/** Conversion advice for a slide file called `name`, for example "slide.mrxs". */
export function conversionAdvice(converter: Converter, name: string): string {
  switch (converter) {
    case "libvips":
      return (
        "convert it to a tiled TIFF, with libvips and OpenSlide: " +
        `vips tiffsave ${name} slide.tif --tile --pyramid --compression jpeg --Q 90 --background 255 --bigtiff`
      );
    case "Bio-Formats":
      return (
        "convert it to OME-TIFF, with the command line tools of Bio-Formats: " +
        `bfconvert -noflat -tilex 512 -tiley 512 ${name} slide.ome.tif`
      );
    case "GDCM":
      return `unpack it, with GDCM's command line tools: gdcmconv --raw ${name} raw.dcm`;
    case "vendor":
      return "export it as a tiled TIFF, SVS or DICOM, in RGB of 8 bits, with the program of the scanner's vendor";
  }
}

/**
 * @param why a clause that names the unsupported part of the format; if undefined, the whole format is unsupported.
 */
export function unreadFormat(
  path: string,
  format: { readonly name: string; readonly converter: Converter; readonly example: string },
  why?: string,
): UserError {
  const what =
    why === undefined
      ? `${path} is a ${format.name} slide, which is not read`
      : `${path} is a ${format.name} slide ${why}`;
  return new UserError("slide-unsupported", `${what}: ${conversionAdvice(format.converter, format.example)}.`);
}
