/** Node's diagnostic report of this process, without the part that resolves the host names of open connections. */

/** The parts of the report that are used. */
interface ProcessReport {
  readonly header: { readonly glibcVersionRuntime?: string };
  /** The environment of the process itself; in a worker thread `process.env` may be a copy. */
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** Report settings that Node's types lack. All threads share them. */
const settings = process.report as { excludeNetwork?: boolean; excludeEnv?: boolean };

/**
 * Stops all reports of this process from resolving host names, including those of libraries that choose their binary by
 * a report.
 */
export function keepReportsOffTheNetwork(): void {
  settings.excludeNetwork = true;
}

/** The report. It takes a few milliseconds. */
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
