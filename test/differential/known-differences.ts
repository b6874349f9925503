import type { Facet } from './case.ts';

/** A case in which the engine differs from the Collector; asserted to differ still, so that the list shrinks. */
export interface KnownDifference {
  /** Names of cases in cases/. */
  readonly cases: readonly string[];
  readonly facets: readonly Facet[];
  /** Why it differs, and what a user sees of it. */
  readonly reason: string;
}

const overBoth = (text: string) => [`otlp_grpc: ${text}`, `otlp_http: ${text}`];

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    cases: ['unknown fields and negative zeros'],
    facets: ['items'],
    reason:
      'The Collector decodes and encodes, which loses fields that its OTLP does not know and the sign of zero; the engine hands bytes on.',
  },
  {
    cases: overBoth('a request of several items that the backend rejects'),
    facets: ['items', 'attempts', 'selfMetrics', 'seriesNames'],
    reason:
      'The engine splits what a backend rejects until the poison stands alone; the Collector drops the whole batch.',
  },
  {
    cases: overBoth('takes a partial success as the end'),
    facets: ['selfMetrics', 'seriesNames'],
    reason:
      'The engine counts items of a partial success that were rejected as failed; the Collector counts them as sent.',
  },
  {
    cases: [
      ...overBoth('tells the sender that it may try again, without a queue'),
      'otlp_http: tells the sender how long to wait, without a queue',
      'memory_limiter above its limit refuses, and the sender may try again',
      'filter and transform: what fails is refused',
    ],
    facets: ['delays'],
    reason:
      'Whoever may try again is told when by the engine (Retry-After, RetryInfo); the Collector leaves it to the sender.',
  },
  {
    cases: ['malformed protobuf over HTTP and gRPC'],
    facets: ['answers'],
    reason:
      'Over gRPC the engine answers INVALID_ARGUMENT, as it does over HTTP (400); grpc-go answers INTERNAL before the Collector sees it.',
  },
  {
    cases: ['requests that are no OTLP'],
    facets: ['answers'],
    reason: 'A gRPC frame that is cut short is answered with INTERNAL by the engine and UNKNOWN by grpc-go.',
  },
  {
    cases: ['sending_queue.batch: by bytes, split at max_size'],
    facets: ['batches', 'selfMetrics'],
    reason:
      'Where a request is cut, the engine counts the bytes it will have. The Collector reserves length prefixes as long as those of the room left, which may be a byte longer, and forgets some of a metric that is cut; so a batch may have one item more or less.',
  },
  {
    cases: [
      'debug exporter: normal, every kind of item and value',
      'debug exporter: detailed, every kind of item and value',
    ],
    facets: ['stdout'],
    reason:
      'The engine writes NaN and the infinities as such, and times after 2262 as they are; the Collector writes "json: unsupported value" and a time before 1970.',
  },
  {
    cases: ['routing: over gRPC, of a receiver that keeps no headers'],
    facets: ['items', 'requests', 'selfMetrics', 'seriesNames'],
    reason:
      'The Collector routes by headers of gRPC even if the receiver does not say include_metadata, but not those of HTTP; the engine keeps none unless told.',
  },
];
