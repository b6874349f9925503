import type { CapturedRequest } from '../testkit/capture.ts';
import { requestFromOtlpJson } from '../testkit/otlp-json.ts';
import { type DynamicMessage, decodeRequest } from '../testkit/otlp-proto.ts';
import { type CanonicalOptions, itemLines } from './canonical.ts';
import type { Facet } from './case.ts';

/** What one peer did in one case, ready to be compared: a list of lines per facet. */
export type Observation = Readonly<Record<Facet, readonly string[]>>;

/** Header that tells exporters of one configuration apart at the backend. */
const EXPORTER_HEADER = 'x-exporter';

function decodeCaptured(request: CapturedRequest): DynamicMessage {
  if (request.signal === undefined) throw new Error(`the peer sent to ${request.path}, which is no OTLP path`);
  if (!isJson(request)) return decodeRequest(request.signal, request.body);
  return requestFromOtlpJson(request.signal, JSON.parse(Buffer.from(request.body).toString()));
}

function isJson(request: CapturedRequest): boolean {
  return request.headers['content-type']?.startsWith('application/json') === true;
}

export function linesOf(request: CapturedRequest, options: CanonicalOptions): string[] {
  return itemLines(request.signal!, decodeCaptured(request), options);
}

/** The multiset of items that were taken, by exporter. */
export function itemsFacet(requests: readonly CapturedRequest[], options: CanonicalOptions): string[] {
  return requests.flatMap((request) => linesOf(request, options).map((line) => `${sender(request)} ${line}`)).sort();
}

/** Item counts of the requests of each exporter and signal in order of arrival. */
export function batchesFacet(requests: readonly CapturedRequest[]): string[] {
  const counts = new Map<string, number[]>();
  for (const request of requests) {
    const key = `${sender(request)}${request.signal}`;
    counts.set(key, [...(counts.get(key) ?? []), linesOf(request, {}).length]);
  }
  return [...counts].map(([key, sizes]) => `${key}: ${sizes.join(' ')}`).sort();
}

/** How requests look on the wire: one line per distinct form. */
export function requestsFacet(requests: readonly CapturedRequest[]): string[] {
  const forms = requests.map((request) => {
    const custom = Object.entries(request.headers).filter(([key]) => key.startsWith('x-') || key === 'authorization');
    const headers = custom.map(([key, value]) => `${key}=${value}`).sort();
    return [request.protocol, request.path, request.headers['content-type'], request.compression, ...headers].join(' ');
  });
  return [...new Set(forms)].sort();
}

/** Every request with how it was answered: shows retries and their absence. */
export function attemptsFacet(requests: readonly CapturedRequest[]): string[] {
  return requests
    .map((request) => {
      const status = request.answer.kind === 'ok' ? 'ok' : `${request.answer.grpc}/${request.answer.http}`;
      return `${sender(request)}${request.signal} ${linesOf(request, {}).length} items answered ${status}`;
    })
    .sort();
}

function sender(request: CapturedRequest): string {
  const tag = request.headers[EXPORTER_HEADER];
  return tag === undefined ? '' : `[${tag}] `;
}
