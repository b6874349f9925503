/**
 * A small shop: several services, traces that cross them, some failing, logs that belong to those traces, metrics of the same
 * services. The same scenario list drives traces and logs, so with equal seeds both name the same trace and span ids.
 */
import {
  type Attributes,
  gaugeMetric,
  histogramMetric,
  type LogPart,
  logRecord,
  resourceGroup,
  type SpanPart,
  span,
  sumMetric,
} from '../otlp-part.ts';
import { createRandom, type Random } from '../random.ts';
import { compileTemplate, type Part, type RequestTemplate } from '../wire-template.ts';
import type { Shape, ShapeOptions } from './shape.ts';
import { hex } from './vocabulary.ts';

interface Call {
  readonly service: string;
  readonly name: string;
  /** 2 server, 3 client, 5 consumer. */
  readonly kind: number;
  readonly attributes: Attributes;
  readonly log?: string;
  readonly calls?: readonly Call[];
}

const SERVICES = ['frontend', 'checkout', 'cart', 'catalog', 'payment'];
const SCENARIO_COUNT = 24;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export const shopShape: Shape = {
  traces: (options) => scenarios().map((scenario) => traceRequest(scenario, options)),
  metrics: (options) => [metricRequest(options)],
  logs: (options) => scenarios().map((scenario) => logRequest(scenario, options)),
};

const CHECKOUT: Call = {
  service: 'frontend',
  name: 'POST /checkout',
  kind: 2,
  attributes: { 'http.request.method': 'POST', 'http.route': '/checkout' },
  log: 'checkout started',
  calls: [
    {
      service: 'checkout',
      name: 'POST /orders',
      kind: 2,
      attributes: { 'http.request.method': 'POST', 'http.route': '/orders' },
      log: 'placing order',
      calls: [
        {
          service: 'cart',
          name: 'GET /cart/{id}',
          kind: 2,
          attributes: { 'http.request.method': 'GET', 'http.route': '/cart/{id}' },
        },
        {
          service: 'cart',
          name: 'HGETALL',
          kind: 3,
          attributes: { 'db.system.name': 'redis', 'db.operation.name': 'HGETALL' },
        },
        {
          service: 'payment',
          name: 'POST /charge',
          kind: 2,
          attributes: { 'http.request.method': 'POST', 'http.route': '/charge', 'payment.provider': 'acme' },
          log: 'charging card',
        },
      ],
    },
  ],
};

const BROWSE: Call = {
  service: 'frontend',
  name: 'GET /products',
  kind: 2,
  attributes: { 'http.request.method': 'GET', 'http.route': '/products' },
  log: 'listing products',
  calls: [
    {
      service: 'catalog',
      name: 'GET /products',
      kind: 2,
      attributes: { 'http.request.method': 'GET', 'http.route': '/products' },
      calls: [
        {
          service: 'catalog',
          name: 'SELECT products',
          kind: 3,
          attributes: {
            'db.system.name': 'postgresql',
            'db.operation.name': 'SELECT',
            'db.collection.name': 'products',
          },
        },
      ],
    },
  ],
};

/** A call with its place in time and in the request. */
interface Step {
  readonly call: Call;
  readonly span: number;
  readonly parent?: number;
  readonly startNs: number;
  readonly durationNs: number;
  readonly error?: string;
}

function scenarios(): readonly (readonly Step[])[] {
  const random = createRandom(0x5409);
  return Array.from({ length: SCENARIO_COUNT }, (_, i) => lay(i % 3 === 0 ? CHECKOUT : BROWSE, i % 8 === 0, random));
}

/** Lays a call tree out in time: children one after the other inside their parent. With `failing`, the last leaf fails. */
function lay(root: Call, failing: boolean, random: Random): readonly Step[] {
  const steps: Step[] = [];
  const visit = (call: Call, parent: number | undefined, startNs: number): number => {
    const position = steps.length;
    steps.push({ call, span: position, startNs, durationNs: 0 });
    let endNs = startNs + random.integer(1e6, 12e6);
    for (const child of call.calls ?? []) endNs = visit(child, position, endNs) + random.integer(2e5, 2e6);
    steps[position] = {
      call,
      span: position,
      ...(parent === undefined ? {} : { parent }),
      startNs,
      durationNs: endNs - startNs,
    };
    return endNs;
  };
  visit(root, undefined, -400e6);
  return failing
    ? steps.map((step, i) => (i === steps.length - 1 || i === 0 ? { ...step, error: 'card declined' } : step))
    : steps;
}

function strideOf(steps: readonly Step[], items: number) {
  return { traces: 1, spans: steps.length, items };
}

function traceRequest(steps: readonly Step[], options: ShapeOptions): RequestTemplate {
  const groups = byService(steps, options, (step) => span(spanOf(step)));
  return compileTemplate('traces', groups, strideOf(steps, steps.length));
}

function spanOf({ call, span, parent, startNs, durationNs, error }: Step): SpanPart {
  const status = call.kind === 2 ? { 'http.response.status_code': error === undefined ? 200 : 500 } : {};
  return {
    name: call.name,
    kind: call.kind,
    trace: 0,
    span,
    ...(parent === undefined ? {} : { parent }),
    startNs,
    durationNs,
    attributes: { ...call.attributes, ...status },
    ...(error === undefined
      ? {}
      : {
          error,
          events: [{ name: 'exception', atNs: startNs + durationNs, attributes: { 'exception.message': error } }],
        }),
  };
}

function logRequest(steps: readonly Step[], options: ShapeOptions): RequestTemplate {
  const speaking = steps.filter((step) => step.call.log !== undefined || step.error !== undefined);
  const groups = byService(speaking, options, (step, item) => logRecord(logOf(step, item)));
  return compileTemplate('logs', groups, strideOf(steps, speaking.length));
}

function logOf({ call, span, startNs, durationNs, error }: Step, item: number): LogPart {
  return {
    body: error === undefined ? (call.log ?? call.name) : `${call.name} failed: ${error}`,
    severity: error === undefined ? 'INFO' : 'ERROR',
    item,
    atNs: error === undefined ? startNs : startNs + durationNs,
    attributes: error === undefined ? {} : { 'exception.message': error },
    trace: 0,
    span,
  };
}

/** Groups steps by service, in the order services appear; `part` also gets the step's position in the list. */
function byService(steps: readonly Step[], options: ShapeOptions, part: (step: Step, item: number) => Part): Part[] {
  const groups = new Map<string, Part[]>();
  steps.forEach((step, item) => {
    const group = groups.get(step.call.service) ?? [];
    groups.set(step.call.service, [...group, part(step, item)]);
  });
  return [...groups].map(([service, parts]) => resourceGroup(serviceResource(service, options), 'shop', parts));
}

function serviceResource(service: string, options: ShapeOptions): Attributes {
  const random = createRandom(service.length * 31 + service.charCodeAt(0));
  return {
    'service.name': service,
    'service.namespace': 'shop',
    'service.version': '1.4.2',
    'service.instance.id': `${service}-${hex(random, 8)}`,
    ...options.resource,
  };
}

function metricRequest(options: ShapeOptions): RequestTemplate {
  const groups = SERVICES.map((service, i) => {
    const points = ['GET', 'POST'].map((method) => ({ attributes: { 'http.request.method': method } }));
    const counts = [1, 4, 12, 30, 18, 6, 2, i, 0, 0];
    return resourceGroup(serviceResource(service, options), 'shop', [
      sumMetric({ name: 'http.server.requests', unit: '{request}', points }, 10 + 7 * i),
      gaugeMetric({ name: 'http.server.active_requests', unit: '{request}', points }, 3 + i),
      histogramMetric(
        { name: 'http.server.request.duration', unit: 's', points },
        { bounds: BOUNDS, counts, sum: 4.1 },
      ),
    ]);
  });
  return compileTemplate('metrics', groups, { traces: 0, spans: 0, items: SERVICES.length * 6 });
}
