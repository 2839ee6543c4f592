/** Node's own report of this process, without the part in which it looks up the names of the other ends of open connections. */

/** As much of the report as is used. */
interface ProcessReport {
  readonly header: { readonly glibcVersionRuntime?: string };
  /** Of the process itself, also in a worker thread, whose `process.env` may be a copy. */
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** What a report leaves out; Node's types lack it. All threads share it. */
const settings = process.report as { excludeNetwork?: boolean; excludeEnv?: boolean };

/** From now on no report of this process looks anything up, also those of libraries that choose their binary by a report. */
export function keepReportsOffTheNetwork(): void {
  settings.excludeNetwork = true;
}

/** The report. It takes some milliseconds. */
export function reportOnProcess(): ProcessReport {
  keepReportsOffTheNetwork();
  const { excludeEnv = false } = settings;
  settings.excludeEnv = false;
  try {
    return process.report.getReport() as unknown as ProcessReport;
  } finally {
    settings.excludeEnv = excludeEnv;
  }
}
