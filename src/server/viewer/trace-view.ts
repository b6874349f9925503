import type { Span, TracesData } from '../../otlp/index.ts';
import type { SpanDocument, TraceDocument, TraceSummary } from '../api.ts';
import { attributeDocuments, searchText, serviceName } from './attributes.ts';
import { compareNanos, earlier, formatNanos, later, parseNanos, secondsBetween } from './unix-nanos.ts';
import { arrangeWaterfall } from './waterfall.ts';

const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_ERROR = 2;

/** What lists and filters need of a span; small enough to keep while somebody looks. */
export interface SpanRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly isError: boolean;
  /** Lower case. */
  readonly text: string;
}

type SpanVisitor = (
  span: Span,
  resource: SpanDocument['resource'],
  scope: SpanDocument['scope'],
  service: string,
) => void;

export function spanRows(decoded: TracesData): readonly SpanRow[] {
  const rows: SpanRow[] = [];
  eachSpan(decoded, (span, resource, _scope, service) => {
    const name = span.name ?? '';
    const own = searchText(attributeDocuments(span.attributes));
    rows.push({
      traceId: span.traceId ?? '',
      spanId: span.spanId ?? '',
      parentSpanId: span.parentSpanId ?? '',
      name,
      service,
      ...spanTimes(span),
      isError: span.status.code === STATUS_ERROR,
      text: `${name.toLowerCase()}\n${own}\n${searchText(resource)}`,
    });
  });
  return rows;
}

/** One summary a trace, the one that started last first. */
export function summariseTraces(
  rows: Iterable<SpanRow>,
): readonly { summary: TraceSummary; rows: readonly SpanRow[] }[] {
  const traces = Map.groupBy(rows, (row) => row.traceId);
  return [...traces.values()]
    .map((own) => ({ start: own.reduce((min, row) => earlier(min, row.start), own[0].start), own }))
    .sort((a, b) => compareNanos(b.start, a.start))
    .map(({ start, own }) => ({ summary: summarise(own, start), rows: own }));
}

function summarise(rows: readonly SpanRow[], start: bigint): TraceSummary {
  const earliest = (candidates: readonly SpanRow[]) =>
    candidates.reduce((best, row) => (row.start < best.start ? row : best), candidates[0]);
  const roots = rows.filter((row) => row.parentSpanId === '');
  const head = earliest(roots.length > 0 ? roots : rows);
  const end = rows.reduce((max, row) => later(max, row.end), start);
  return {
    traceId: head.traceId,
    name: head.name,
    service: head.service,
    startTime: formatNanos(start),
    durationSeconds: secondsBetween(start, end),
    spanCount: rows.length,
    errorCount: rows.filter((row) => row.isError).length,
  };
}

/** The whole trace from the batches that hold parts of it; undefined when none does. */
export function buildTrace(traceId: string, decoded: Iterable<TracesData>): TraceDocument | undefined {
  const found: { readonly start: bigint; readonly end: bigint; readonly document: (origin: bigint) => Undepthed }[] =
    [];
  for (const object of decoded) {
    eachSpan(object, (span, resource, scope, service) => {
      if ((span.traceId ?? '') !== traceId) return;
      found.push({
        ...spanTimes(span),
        document: (origin) => spanDocument(span, { resource, scope, service, origin }),
      });
    });
  }
  if (found.length === 0) return undefined;
  found.sort((a, b) => compareNanos(a.start, b.start));
  const origin = found[0].start;
  const end = found.reduce((max, span) => later(max, span.end), origin);
  const placed = arrangeWaterfall(found.map((span) => span.document(origin)));
  return {
    traceId,
    startTime: formatNanos(origin),
    durationSeconds: secondsBetween(origin, end),
    spans: placed.map(({ span, depth }) => ({ ...span, depth })),
  };
}

type Undepthed = Omit<SpanDocument, 'depth'>;

function spanDocument(
  span: Span,
  context: Pick<SpanDocument, 'resource' | 'scope' | 'service'> & { readonly origin: bigint },
): Undepthed {
  const { origin, ...shared } = context;
  const { start, end } = spanTimes(span);
  return {
    spanId: span.spanId ?? '',
    parentSpanId: span.parentSpanId ?? '',
    name: span.name ?? '',
    ...shared,
    kind: SPAN_KINDS[span.kind ?? 0] ?? 'UNSPECIFIED',
    status: (['UNSET', 'OK', 'ERROR'] as const)[span.status.code ?? 0] ?? 'UNSET',
    statusMessage: span.status.message ?? '',
    startTime: formatNanos(start),
    offsetSeconds: secondsBetween(origin, start),
    durationSeconds: secondsBetween(start, end),
    attributes: attributeDocuments(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      offsetSeconds: secondsBetween(origin, parseNanos(event.timeUnixNano)),
      attributes: attributeDocuments(event.attributes),
    })),
    links: (span.links ?? []).map((link) => ({
      traceId: link.traceId ?? '',
      spanId: link.spanId ?? '',
      attributes: attributeDocuments(link.attributes),
    })),
  };
}

/** A span that ends before it starts, as broken clocks make them, gets no length instead of a negative one. */
function spanTimes(span: Span): { readonly start: bigint; readonly end: bigint } {
  const start = parseNanos(span.startTimeUnixNano);
  const end = parseNanos(span.endTimeUnixNano);
  return { start, end: later(start, end) };
}

function eachSpan(decoded: TracesData, visit: SpanVisitor): void {
  for (const { resource, scopeSpans } of decoded.resourceSpans ?? []) {
    const attributes = attributeDocuments(resource.attributes);
    const service = serviceName(attributes);
    for (const { scope, spans } of scopeSpans ?? []) {
      const origin = { name: scope.name ?? '', version: scope.version ?? '' };
      for (const span of spans ?? []) visit(span, attributes, origin, service);
    }
  }
}
