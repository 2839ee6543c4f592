/** The options of the command "export". */
import { z } from "zod";
import { modelOption, overwriteOption } from "./shared.ts";

export const exportOptions = z.object({
  model: modelOption,
  input: z
    .enum(["patches", "images"])
    .default("patches")
    .meta({ description: "patches: bytes of any size; images: float32 at the model's own size, layout and range." }),
  out: z.string().meta({ description: "File for the ONNX model.", placeholder: "FILE", path: true }),
  overwrite: overwriteOption,
});

export type ExportOptions = z.input<typeof exportOptions>;
