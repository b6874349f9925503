import type { BackendFailure, ExporterSnapshot } from '../../flow/index.ts';
import type { BackendStatus } from '../api.ts';
import { BACKEND_ADVICE } from './backend-advice.ts';
import type { RecentLoss } from './flow-history.ts';

/** State of a backend as one of its exporters sees it; `unknown` without one. */
export function backendStatus(exporter: ExporterSnapshot | undefined): BackendStatus {
  if (exporter === undefined) return { destination: '', state: 'unknown', since: isoTime(0), failedTries: 0 };
  const { destination, state, sinceMs, failure, rejection, failedTries } = exporter;
  return {
    destination,
    state,
    since: isoTime(sinceMs),
    ...(state === 'failing' && failure !== undefined ? { failure: withCode(failure) } : {}),
    failedTries,
    ...(rejection === undefined ? {} : { rejection: withCode(rejection) }),
  };
}

function withCode({ kind, message }: BackendFailure): NonNullable<BackendStatus['failure']> {
  return { kind, code: BACKEND_ADVICE[kind].code, message: inPipelineWords(message) };
}

/** What is to blame for what happens: the failure, or else why items of the last minutes were lost although others are taken. */
export function blamedFailure(
  { failure, rejection }: BackendStatus,
  { dropped }: RecentLoss,
): BackendStatus['failure'] {
  if (failure !== undefined) return failure;
  const isRejecting = (dropped.rejected_by_backend ?? 0) + (dropped.too_large ?? 0) > 0;
  return isRejecting ? rejection : undefined;
}

/** Settings of a Collector's exporter, and what a pipeline calls them. */
const PIPELINE_WORDS: readonly (readonly [collector: string | RegExp, pipeline: string])[] = [
  ['tls.ca_file', 'tls.ca'],
  ['tls.cert_file', 'tls.cert'],
  ['tls.key_file', 'tls.key'],
  [/; check the host, or set tls\.server_name_override$/, '; check the host'],
];

/** The engine executes Collector configuration and speaks of that; who wrote a pipeline knows its fields. */
export function inPipelineWords(message: string): string {
  return PIPELINE_WORDS.reduce((text, [collector, pipeline]) => text.replace(collector, pipeline), message);
}

/** The one that fails, if any does; of those the pipeline ends in, not of those that only deliver what they hold. */
export function worstExporter(exporters: readonly ExporterSnapshot[]): ExporterSnapshot | undefined {
  const rank = { failing: 0, unknown: 1, ok: 2 } as const;
  return current(exporters).toSorted((a, b) => rank[a.state] - rank[b.state])[0];
}

export function current(exporters: readonly ExporterSnapshot[]): readonly ExporterSnapshot[] {
  const active = exporters.filter(({ retired }) => retired !== true);
  return active.length === 0 ? exporters : active;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
