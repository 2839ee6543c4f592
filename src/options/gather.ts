/** The options of the command "gather". */
import * as z from "zod";

export const gatherOptions = z.object({
  folder: z.string().meta({
    description: "Folder of the results: --out of the command whose shards or workers have filled it.",
    positional: true,
    placeholder: "DIR",
    path: true,
  }),
  copyTo: z.string().optional().meta({
    description: "Copy results in object storage (s3://bucket/name) to this new folder.",
    placeholder: "DIR",
    path: true,
  }),
});

export type GatherOptions = z.input<typeof gatherOptions>;
