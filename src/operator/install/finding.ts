/** Answer to one question about a cluster. */
export interface Finding {
  /** Heading under which people see it. */
  readonly group:
    | 'cluster'
    | 'permissions'
    | 'other installations'
    | 'resource definitions'
    | 'operator'
    | 'workloads'
    | 'pipelines';
  readonly status: 'ok' | 'info' | 'warning' | 'failed';
  /** One line. */
  readonly text: string;
  /** What to do, a line each. Commands begin with `sluice` or `kubectl`. */
  readonly fixes?: readonly string[];
}
