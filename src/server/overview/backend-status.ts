import type { ExporterSnapshot } from '../../flow/index.ts';
import type { BackendStatus } from '../api.ts';
import { BACKEND_ADVICE } from './backend-advice.ts';

/** State of a backend as one of its exporters sees it; `unknown` without one. */
export function backendStatus(exporter: ExporterSnapshot | undefined): BackendStatus {
  if (exporter === undefined) return { destination: '', state: 'unknown', since: isoTime(0), failedTries: 0 };
  const { destination, state, sinceMs, failure, failedTries } = exporter;
  return {
    destination,
    state,
    since: isoTime(sinceMs),
    ...(state === 'failing' && failure !== undefined
      ? { failure: { kind: failure.kind, code: BACKEND_ADVICE[failure.kind].code, message: failure.message } }
      : {}),
    failedTries,
  };
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
