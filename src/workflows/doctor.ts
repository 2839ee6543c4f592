/** The command "doctor": examines the machine. */
import { checkedOptions } from "../options/checked_options.ts";
import { type DoctorOptions, doctorOptions } from "../options/doctor.ts";
import { judge } from "../reports/doctor/diagnose.ts";
import type { DoctorReport } from "../reports/doctor/report.ts";
import { NODE_NEEDED } from "../system/version.ts";
import type { Context } from "../util/context.ts";
import { gatherFacts } from "./doctor/collect.ts";

export type { DoctorReport };

/** Examines the machine. This takes some seconds and uses all cores. */
export async function doctor(given: DoctorOptions, context: Context): Promise<DoctorReport> {
  checkedOptions(doctorOptions, given);
  const facts = await gatherFacts(context);
  const findings = judge(facts, NODE_NEEDED);
  return { ...facts, works: findings.every(({ level }) => level !== "problem"), findings };
}
