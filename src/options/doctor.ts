/** The options of the command "doctor": none. */
import * as z from "zod";

export const doctorOptions = z.object({});

export type DoctorOptions = z.input<typeof doctorOptions>;
