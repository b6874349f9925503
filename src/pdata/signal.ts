/** The three kinds of telemetry. A parameter everywhere, never three copies of code. */
export type Signal = 'traces' | 'metrics' | 'logs';

export const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** What one item of a signal is called in the Collector's metrics and in messages to people. */
export const ITEM_NOUN: Readonly<Record<Signal, { readonly metric: string; readonly people: string }>> = {
  traces: { metric: 'spans', people: 'spans' },
  metrics: { metric: 'metric_points', people: 'metric points' },
  logs: { metric: 'log_records', people: 'log records' },
};
