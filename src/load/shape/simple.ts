/** What telemetrygen sends: small requests of one service, made to be looked at. */
import {
  type Attributes,
  gaugeMetric,
  histogramMetric,
  logRecord,
  resourceGroup,
  span,
  sumMetric,
} from '../otlp-part.ts';
import { compileTemplate } from '../wire-template.ts';
import type { Shape, ShapeOptions } from './shape.ts';

const SCOPE = 'sluice-gen';
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export const simpleShape: Shape = {
  traces: (options) => [compileTemplate('traces', traceRequest(options), { traces: 1, spans: 3, items: 3 })],
  metrics: (options) => [compileTemplate('metrics', metricRequest(options), { traces: 0, spans: 0, items: 3 })],
  logs: (options) => [compileTemplate('logs', logRequest(options), { traces: 1, spans: 3, items: 2 })],
};

function resourceOf({ service, resource }: ShapeOptions): Attributes {
  return { 'service.name': service, ...resource };
}

function traceRequest(options: ShapeOptions) {
  const http = { 'http.request.method': 'GET', 'http.route': '/hello', 'http.response.status_code': 200 };
  return resourceGroup(resourceOf(options), SCOPE, [
    span({ name: 'GET /hello', kind: 2, trace: 0, span: 0, startNs: -48e6, durationNs: 46e6, attributes: http }),
    span({
      name: 'load greeting',
      kind: 1,
      trace: 0,
      span: 1,
      parent: 0,
      startNs: -44e6,
      durationNs: 39e6,
      attributes: { 'cache.hit': false },
    }),
    span({
      name: 'SELECT greetings',
      kind: 3,
      trace: 0,
      span: 2,
      parent: 1,
      startNs: -40e6,
      durationNs: 31e6,
      attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'db.collection.name': 'greetings' },
    }),
  ]);
}

function metricRequest(options: ShapeOptions) {
  const points = [{ attributes: { 'http.route': '/hello' } }];
  const counts = [0, 2, 6, 9, 4, 1, 0, 0, 0];
  return resourceGroup(resourceOf(options), SCOPE, [
    sumMetric({ name: 'hello.requests', unit: '{request}', points }, 22),
    gaugeMetric({ name: 'hello.queue.depth', unit: '{request}', points }, 12),
    histogramMetric({ name: 'hello.duration', unit: 's', points }, { bounds: BOUNDS, counts, sum: 0.83 }),
  ]);
}

function logRequest(options: ShapeOptions) {
  return resourceGroup(resourceOf(options), SCOPE, [
    logRecord({
      body: 'said hello',
      severity: 'INFO',
      item: 0,
      atNs: -2e6,
      attributes: { 'http.route': '/hello' },
      trace: 0,
      span: 0,
    }),
    logRecord({
      body: 'greeting was not cached',
      severity: 'WARN',
      item: 1,
      atNs: -40e6,
      attributes: { 'cache.key': 'greeting:en' },
      trace: 0,
      span: 1,
    }),
  ]);
}
