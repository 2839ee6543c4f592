/** The options of the command "export", and which of its two outputs they ask for. */
import * as z from "zod";
import { UserError } from "../util/errors.ts";
import { option } from "./meta.ts";
import { modelOption, overwriteOption } from "./shared.ts";

export const exportOptions = z.object({
  model: modelOption,
  input: option(z.enum(["patches", "images"]).optional(), {
    description: "patches: bytes of any size; images: float32 at the model's own size, layout and range.",
    fallback: { words: "patches" },
  }),
  out: z
    .string()
    .optional()
    .meta({ description: "File for an ONNX model; or give --page.", placeholder: "FILE", path: true }),
  page: z.string().optional().meta({
    description: "Folder for a web page that classifies images in the browser; or give --out.",
    placeholder: "DIR",
    path: true,
  }),
  overwrite: overwriteOption,
});

export type ExportOptions = z.input<typeof exportOptions>;

/** The one output that was asked for. */
export type ExportOutput =
  | { readonly kind: "file"; readonly path: string; readonly input: "patches" | "images"; readonly overwrite: boolean }
  | { readonly kind: "page"; readonly folder: string };

/** @throws UserError if there is no output, or one too many, or an option that does not go with it */
export function exportOutputOf({ out, page, input, overwrite }: z.output<typeof exportOptions>): ExportOutput {
  if (out !== undefined && page !== undefined) {
    throw new UserError("options-conflict", "--out and --page exclude each other: give one of them.");
  }
  if (out !== undefined) return { kind: "file", path: out, input: input ?? "patches", overwrite };
  if (page === undefined) {
    throw new UserError("option-missing", "There is no output: give --out for an ONNX file, or --page for a web page.");
  }
  if (input !== undefined) {
    throw new UserError(
      "options-conflict",
      "--input is for an ONNX file: give --out instead of --page, or leave it out.",
    );
  }
  if (overwrite) {
    throw new UserError(
      "options-conflict",
      "--overwrite replaces files only: name a new or empty folder with --page, and leave --overwrite out.",
    );
  }
  return { kind: "page", folder: page };
}
