/** Trace requests of fixed size for measurements: 10 attributes a span, 8 a resource, an event on every tenth span. */
import { type Attributes, resourceGroup, type SpanPart, span } from '../otlp-part.ts';
import type { Random } from '../random.ts';
import { compileTemplate, type Part, type RequestTemplate } from '../wire-template.ts';
import type { TemplateFactory } from './shape.ts';
import { hex, httpServerAttributes, podResource } from './vocabulary.ts';

interface BenchTraceOptions {
  readonly spansPerRequest: number;
  readonly attributesPerSpan: number;
}

const SPANS_PER_TRACE = 10;
/** Enough different spans that nothing downstream profits from seeing the same bytes again. */
const templateCount = (spansPerRequest: number) => (spansPerRequest < 100 ? 40 : 12);

export function benchTraces(options: BenchTraceOptions): TemplateFactory {
  return ({ random, resource }) =>
    Array.from({ length: templateCount(options.spansPerRequest) }, () => benchTraceRequest(options, random, resource));
}

function benchTraceRequest(options: BenchTraceOptions, random: Random, resource: Attributes): RequestTemplate {
  const { spansPerRequest } = options;
  const groupCount = Math.min(5, Math.ceil(spansPerRequest / 20));
  const groups: Part[] = [];
  for (let group = 0; group < groupCount; group++) {
    const first = Math.floor((group * spansPerRequest) / groupCount);
    const end = Math.floor(((group + 1) * spansPerRequest) / groupCount);
    const spans: Part[] = [];
    for (let position = first; position < end; position++) spans.push(span(benchSpan(options, random, position)));
    groups.push(resourceGroup({ ...podResource(random), ...resource }, '@opentelemetry/instrumentation-http', spans));
  }
  const traces = Math.ceil(spansPerRequest / SPANS_PER_TRACE);
  return compileTemplate('traces', groups, { traces, spans: spansPerRequest, items: spansPerRequest });
}

function benchSpan(options: BenchTraceOptions, random: Random, position: number): SpanPart {
  const attributes = withFiller(httpServerAttributes(random), options.attributesPerSpan, random);
  const root = position % SPANS_PER_TRACE === 0;
  const startNs = -random.integer(50_000_000, 900_000_000);
  const durationNs = random.integer(100_000, 40_000_000);
  return {
    name: `${attributes['http.request.method']} ${attributes['http.route']}`,
    kind: root ? 2 : 3,
    trace: Math.floor(position / SPANS_PER_TRACE),
    span: position,
    ...(root ? {} : { parent: position - 1 }),
    startNs,
    durationNs,
    attributes,
    ...(position % 10 === 9 ? { events: [exceptionEvent(startNs)] } : {}),
  };
}

function exceptionEvent(startNs: number) {
  return {
    name: 'exception',
    atNs: startNs + 50_000,
    attributes: { 'exception.type': 'TimeoutError', 'exception.message': 'upstream did not answer in time' },
  };
}

function withFiller(attributes: Attributes, count: number, random: Random): Attributes {
  const all: Record<string, string | number | boolean> = { ...attributes };
  for (let i = Object.keys(all).length; i < count; i++) all[`app.attribute.${i}`] = hex(random, 26);
  return all;
}
