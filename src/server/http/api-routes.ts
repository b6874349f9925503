import type { LedgerDocument, OverviewDocument, PipelineListDocument, SampleDocument } from '../api.ts';
import type { AttemptLog } from '../attempt-log.ts';
import type { EventStreams } from './event-stream.ts';
import { RequestError, sendJson, sendText } from './reply.ts';
import type { Route } from './router.ts';

export interface ApiSources {
  readonly overview: () => OverviewDocument;
  readonly ledger: () => LedgerDocument;
  readonly attempts: AttemptLog;
  readonly metrics: () => string;
  readonly streams: EventStreams;
  readonly generateSample?: () => Promise<SampleDocument>;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export function apiRoutes(sources: ApiSources): readonly Route[] {
  const { overview, ledger, attempts, metrics, streams } = sources;
  const sample = oneAtATime(sources.generateSample);
  return [
    { method: 'GET', path: '/healthz', handle: ({ response }) => sendText(response, 'ok\n') },
    // Asking the engine for its state is the check: it answers once its receivers listen.
    {
      method: 'GET',
      path: '/readyz',
      handle: ({ response }) => {
        ledger();
        sendText(response, 'ok\n');
      },
    },
    { method: 'GET', path: '/metrics', handle: ({ response }) => sendText(response, metrics(), PROMETHEUS_TEXT) },
    { method: 'GET', path: '/api/v1/overview', handle: ({ response }) => sendJson(response, overview()) },
    { method: 'GET', path: '/api/v1/ledger', handle: ({ response }) => sendJson(response, ledger()) },
    {
      method: 'GET',
      path: '/api/v1/pipelines',
      handle: ({ response }) => sendJson(response, { items: overview().pipelines } satisfies PipelineListDocument),
    },
    {
      method: 'GET',
      path: '/api/v1/ingest/attempts',
      handle: ({ response }) => sendJson(response, { items: attempts.list() }),
    },
    {
      method: 'GET',
      path: '/api/v1/stream',
      handle: ({ response, query }) => {
        const topics = query.get('topics') ?? 'stats';
        if (topics !== 'stats') {
          throw new RequestError(400, {
            code: 'SL0911',
            message: 'there is one topic: stats',
            help: 'use ?topics=stats',
          });
        }
        streams.open(response, 'stats', overview());
      },
    },
    {
      method: 'POST',
      path: '/api/v1/local/sample',
      handle: async ({ response }) => sendJson(response, await sample()),
    },
  ];
}

/** A second click while the generator runs gets the result of the first. */
function oneAtATime(generate: ApiSources['generateSample']): () => Promise<SampleDocument> {
  let running: Promise<SampleDocument> | undefined;
  return () => {
    if (generate === undefined) {
      throw new RequestError(404, { code: 'SL0914', message: 'this server has no sample generator' });
    }
    running ??= generate().finally(() => {
      running = undefined;
    });
    return running;
  };
}
