/** The options of the verb "doctor": it has none. */
import { z } from "zod";

export const doctorOptions = z.object({});

export type DoctorOptions = z.input<typeof doctorOptions>;
