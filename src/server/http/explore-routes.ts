import type { ViewerFilter } from '../viewer/filter.ts';
import type { Viewer } from '../viewer/viewer.ts';
import { numberParameter, parseTraceId, textParameter } from './query.ts';
import { RequestError, sendJson } from './reply.ts';
import type { Route } from './router.ts';

const LIST_LIMIT = { fallback: 100, max: 1000 };
const SERIES_LIMIT = { fallback: 500, max: 2000 };
const POINT_LIMIT = { fallback: 60, max: 5000 };

export function exploreRoutes(viewer: Viewer): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/explore/traces',
      handle: ({ response, query }) => sendJson(response, viewer.traces(filterOf(query, LIST_LIMIT))),
    },
    {
      method: 'GET',
      path: '/api/v1/explore/traces/:traceId',
      handle: ({ response, parameters: [parameter] }) => {
        const traceId = parseTraceId(parameter);
        const trace = viewer.trace(traceId);
        if (trace === undefined) throw notKept(traceId);
        sendJson(response, trace);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/explore/metrics',
      handle: ({ response, query }) => {
        const name = textParameter(query, 'name');
        const points = numberParameter(query, 'points', POINT_LIMIT);
        const filter = { ...filterOf(query, SERIES_LIMIT), points, ...(name === undefined ? {} : { name }) };
        sendJson(response, viewer.metrics(filter));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/explore/logs',
      handle: ({ response, query }) => {
        const traceId = textParameter(query, 'traceId');
        const filter = filterOf(query, LIST_LIMIT);
        sendJson(response, viewer.logs(traceId === undefined ? filter : { ...filter, traceId: parseTraceId(traceId) }));
      },
    },
  ];
}

function filterOf(query: URLSearchParams, limit: { readonly fallback: number; readonly max: number }): ViewerFilter {
  const q = textParameter(query, 'q');
  const service = textParameter(query, 'service');
  return {
    limit: numberParameter(query, 'limit', limit),
    ...(q === undefined ? {} : { q }),
    ...(service === undefined ? {} : { service }),
  };
}

function notKept(traceId: string): RequestError {
  return new RequestError(404, {
    code: 'SL0914',
    message: `trace ${traceId} is not kept`,
    help: 'the viewer keeps the newest data only; it may have been replaced, or not arrived yet',
  });
}
