/** Documents of the viewer: what was received last. */

/** What the viewer keeps and how much of it; `oldest` is null when it is empty. */
export interface ViewerRetention {
  readonly kept: number;
  readonly capacity: number;
  readonly oldest: string | null;
}

/** What every list says beside its items. */
interface ViewerList {
  readonly retention: ViewerRetention;
  /** How many match; `items` holds the first `limit` of them. */
  readonly total: number;
  /** Every service that is kept, whatever the filter and the limit; sorted. */
  readonly services: readonly string[];
}

/** GET /api/v1/explore/traces?limit=&service=&q= , newest first */
export interface TraceListDocument extends ViewerList {
  readonly items: readonly TraceSummary[];
}

export interface TraceSummary {
  readonly traceId: string;
  /** Name and service of the root span, or of the earliest one when the root is missing. */
  readonly name: string;
  readonly service: string;
  readonly startTime: string;
  readonly durationSeconds: number;
  readonly spanCount: number;
  readonly errorCount: number;
}

/**
 * GET /api/v1/explore/traces/{traceId}; 404 when it is not kept. Spans in order of the waterfall: a parent before its
 * children, siblings by start; a span whose parent is missing stands like a root.
 */
export interface TraceDocument {
  readonly traceId: string;
  readonly startTime: string;
  readonly durationSeconds: number;
  readonly spans: readonly SpanDocument[];
}

export type AttributeDocument = { readonly key: string; readonly type: string; readonly value: string };

export interface SpanDocument {
  readonly spanId: string;
  readonly parentSpanId: string;
  /** 0 for roots and for spans whose parent is missing. */
  readonly depth: number;
  readonly name: string;
  readonly service: string;
  /** INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER or UNSPECIFIED. */
  readonly kind: string;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly statusMessage: string;
  readonly startTime: string;
  /** Seconds from the start of the trace's earliest span. */
  readonly offsetSeconds: number;
  readonly durationSeconds: number;
  readonly attributes: readonly AttributeDocument[];
  readonly resource: readonly AttributeDocument[];
  readonly scope: { readonly name: string; readonly version: string };
  readonly events: readonly {
    readonly name: string;
    readonly offsetSeconds: number;
    readonly attributes: readonly AttributeDocument[];
  }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: readonly AttributeDocument[];
  }[];
}

/**
 * GET /api/v1/explore/metrics?q=&service=&name=&limit=&points= ; one item per metric name, service and attribute set, by name.
 * `name` matches exactly; each series holds its newest `points` points.
 */
export interface MetricListDocument extends ViewerList {
  readonly items: readonly MetricSeries[];
}

export interface MetricSeries {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';
  readonly temporality?: 'cumulative' | 'delta';
  readonly monotonic?: boolean;
  readonly service: string;
  readonly attributes: readonly AttributeDocument[];
  /** Value of a number point, count and sum of the others; oldest first. */
  readonly points: readonly {
    readonly time: string;
    readonly value: number | null;
    readonly count?: string;
    readonly sum?: number;
  }[];
}

/** GET /api/v1/explore/logs?limit=&q=&service=&traceId= , newest first */
export interface LogListDocument extends ViewerList {
  readonly items: readonly LogDocument[];
}

export interface LogDocument {
  readonly time: string;
  readonly severity: string;
  readonly severityNumber: number;
  readonly body: string;
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly AttributeDocument[];
  readonly resource: readonly AttributeDocument[];
}
