/** The options of the verb "doctor". */
import { z } from "zod";

export const doctorOptions = z.object({
  json: z.boolean().default(false).meta({ description: "Print everything as JSON." }),
});

export type DoctorOptions = z.input<typeof doctorOptions>;
