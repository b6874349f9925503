import type {
  ConfigurationDocument,
  GraphDocument,
  LedgerDocument,
  OverviewDocument,
  PipelineDocument,
  PipelineListDocument,
  PipelineRules,
} from '../api.ts';
import type { AttemptLog } from '../attempt-log.ts';
import { type EventStreams, parseTopics, type StreamEvent, type Topic } from './event-stream.ts';
import { RequestError, sendJson, sendText } from './reply.ts';
import type { Route } from './router.ts';

export interface ApiSources {
  readonly overview: () => OverviewDocument;
  readonly ledger: () => LedgerDocument;
  readonly attempts: AttemptLog;
  readonly metrics: () => string;
  readonly streams: EventStreams;
  readonly pipeline: (kind: string, name: string) => PipelineDocument | undefined;
  readonly graph?: () => GraphDocument;
  readonly configuration?: () => ConfigurationDocument;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

const NO_RULES: PipelineRules = { count: 0, failing: 0, items: [] };

export function apiRoutes(sources: ApiSources): readonly Route[] {
  const { overview, ledger, attempts, metrics, streams } = sources;
  const json = (path: string, document: () => unknown): Route => ({
    method: 'GET',
    path,
    handle: ({ response }) => sendJson(response, document()),
  });
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
    json('/api/v1/overview', overview),
    json('/api/v1/ledger', ledger),
    json('/api/v1/graph', () => known(sources.graph, 'no picture of its pipelines')()),
    json('/api/v1/configuration', () => known(sources.configuration, 'no configuration to show')()),
    json('/api/v1/pipelines', () => ({ items: overview().pipelines }) satisfies PipelineListDocument),
    {
      method: 'GET',
      path: '/api/v1/pipelines/:kind/:name',
      handle: ({ response, parameters: [kind, name] }) => {
        const pipeline = sources.pipeline(kind, name);
        if (pipeline === undefined) throw noPipeline(kind, name, overview());
        sendJson(response, pipeline);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/pipelines/:kind/:name/rules',
      handle: ({ response, parameters: [kind, name] }) => {
        const pipeline = sources.pipeline(kind, name);
        if (pipeline === undefined) throw noPipeline(kind, name, overview());
        sendJson(response, pipeline.status.rules ?? NO_RULES);
      },
    },
    json('/api/v1/ingest/attempts', () => ({ items: attempts.list() })),
    {
      method: 'GET',
      path: '/api/v1/stream',
      handle: ({ response, query }) => {
        const topics = parseTopics(query.get('topics'));
        streams.open(
          response,
          topics,
          topics.flatMap((topic) => firstEvent(topic, sources)),
        );
      },
    },
  ];
}

/** A topic that this server has nothing for stays silent. */
function firstEvent(topic: Topic, { overview, graph, configuration }: ApiSources): readonly StreamEvent[] {
  const document = { stats: overview, graph, configuration }[topic];
  return document === undefined ? [] : [{ event: topic, document: document() }];
}

function known<T>(source: T | undefined, what: string): T {
  if (source === undefined) throw new RequestError(404, { code: 'SL0914', message: `this server has ${what}` });
  return source;
}

function noPipeline(kind: string, name: string, { pipelines }: OverviewDocument): RequestError {
  const names = pipelines.map((pipeline) => `${pipeline.kind.toLowerCase()}/${pipeline.name}`);
  return new RequestError(404, {
    code: 'SL0914',
    message: `there is no ${kind.slice(0, 50)} \`${name.slice(0, 253)}\``,
    ...(names.length > 0 && names.length <= 12 ? { help: `there are: ${names.join(', ')}` } : {}),
  });
}
