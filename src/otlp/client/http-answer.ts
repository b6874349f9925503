import type { Signal } from '../../pdata/index.ts';
import type { ExportOutcome } from '../export-outcome.ts';
import {
  decodeExportResponse,
  decodeStatus,
  exportResponseFromJson,
  type PartialSuccess,
  statusFromJson,
} from '../rpc-messages.ts';
import { httpOutcome, pageOutcome, quote } from './answer.ts';

const MAX_RESPONSE_BYTES = 64 * 1024;

export interface Answer {
  readonly nowMs: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly answer: Buffer;
  readonly path: string;
  readonly signal: Signal;
  readonly secrets: readonly string[];
}

/** What an answer means, whatever encoding it came in. */
export function httpAnswerOutcome(whole: Answer): ExportOutcome {
  const { status, headers, answer, path, signal, secrets } = whole;
  const type = String(headers['content-type'] ?? '');
  const isJson = type.startsWith('application/json');
  const isHtml = type.startsWith('text/html');
  const withoutQuery = path.split('?', 1)[0] as string;
  if (status >= 200 && status <= 299) {
    if (isHtml && answer.length > 0) return pageOutcome(status, withoutQuery);
    const partial = isJson ? exportResponseFromJson(signal, answer.toString()) : decodeExportResponse(answer);
    return delivered(partial, secrets);
  }
  return httpOutcome({
    status,
    path: withoutQuery,
    text: quote(answerText(whole), secrets),
    isHtml,
    location: locationOf(headers['location'], secrets),
    retryAfterMs: retryAfterMs(headers['retry-after'], whole.nowMs),
  });
}

/** What an answer says, whatever encoding it came in; nothing where that is a page or unknown. */
export function answerText({ headers, answer }: Pick<Answer, 'headers' | 'answer'>): string {
  const type = String(headers['content-type'] ?? '');
  if (type.startsWith('application/json')) return statusFromJson(answer.toString())?.message ?? '';
  if (type.startsWith('application/x-protobuf')) return decodeStatus(answer)?.message ?? '';
  return /^(text\/plain|$)/.test(type) ? answer.toString() : '';
}

function delivered(partial: PartialSuccess | undefined, secrets: readonly string[]): ExportOutcome {
  if (partial === undefined) return { status: 'delivered', rejectedCount: 0 };
  const message = quote(partial.message, secrets);
  return { status: 'delivered', rejectedCount: partial.rejectedCount, ...(message !== '' && { message }) };
}

/** Without what could be a secret in it. */
function locationOf(location: string | string[] | undefined, secrets: readonly string[]): string | undefined {
  if (typeof location !== 'string') return undefined;
  return quote(location.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)[^/]*@/i, '$1'), secrets);
}

/** Seconds or an HTTP date; undefined when the header is missing or neither. */
export function retryAfterMs(value: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Reads an answer to its end, so that the connection can be used again, and keeps its beginning. */
export async function readBounded(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (length + chunk.length > MAX_RESPONSE_BYTES) break;
    length += chunk.length;
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
