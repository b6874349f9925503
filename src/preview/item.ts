import type { DataOf } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';

/** One span, log record or metric with what it stands in, as OTLP/JSON. */
export interface Item {
  readonly signal: Signal;
  readonly resource: OtlpObject;
  readonly scope: OtlpObject;
  readonly subject: OtlpObject;
}

/** A message of OTLP/JSON as the Collector writes it. */
export type OtlpObject = Readonly<Record<string, unknown>>;

/** What a rule calls it: the first step of a path in OTTL. */
export const SUBJECT = { traces: 'span', metrics: 'metric', logs: 'log' } as const;

const LISTS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const;

/** The items of a request, in their order. */
export function itemsOf<S extends Signal>(signal: S, data: DataOf[S]): readonly Item[] {
  const [resources, scopes, subjects] = LISTS[signal];
  return listOf(data as OtlpObject, resources).flatMap((ofResource) =>
    listOf(ofResource, scopes).flatMap((ofScope) =>
      listOf(ofScope, subjects).map((subject) => ({
        signal,
        resource: (ofResource['resource'] ?? {}) as OtlpObject,
        scope: (ofScope['scope'] ?? {}) as OtlpObject,
        subject,
      })),
    ),
  );
}

/** A request that holds the item and nothing else. */
export function requestOf({ signal, resource, scope, subject }: Item): OtlpObject {
  const [resources, scopes, subjects] = LISTS[signal];
  return { [resources]: [{ resource, [scopes]: [{ scope, [subjects]: [subject] }] }] };
}

function listOf(message: OtlpObject, field: string): readonly OtlpObject[] {
  return (message[field] ?? []) as readonly OtlpObject[];
}

/** `span "GET /checkout"`, for people. */
export function itemTitle({ signal, subject }: Item): string {
  if (signal === 'logs') return 'log record';
  return `${SUBJECT[signal]} ${JSON.stringify(subject['name'] ?? '')}`;
}
