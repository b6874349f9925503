import type { Signal } from '../../src/pdata/index.ts';
import { decodeResponse } from '../testkit/otlp-proto.ts';
import type { GrpcAnswer, HttpAnswer } from '../testkit/senders.ts';

/** What a sender can act on; the wording is each peer's own. */
export interface DescribedAnswer {
  /** Status, form of the body, partial success. */
  readonly status: string;
  /** The refused sender is told when to try again. */
  readonly hasDelay: boolean;
}

/** The connection was closed instead, as by TLS. */
export const NO_ANSWER: DescribedAnswer = { status: 'no answer', hasDelay: false };

export function describeHttpAnswer(answer: HttpAnswer, signal?: Signal): DescribedAnswer {
  const parts = [`HTTP ${answer.status}`];
  const contentType = answer.headers['content-type'];
  if (contentType !== undefined && !NO_OTLP_ANSWER.includes(answer.status)) parts.push(contentType);
  if (answer.status === 200 && signal !== undefined && contentType === 'application/x-protobuf') {
    parts.push(partialSuccess(signal, answer.body));
  }
  return { status: parts.join(' '), hasDelay: answer.headers['retry-after'] !== undefined };
}

export function describeGrpcAnswer(answer: GrpcAnswer, signal?: Signal): DescribedAnswer {
  if (answer.status === 0) return NO_ANSWER;
  const parts = [answer.status === 200 ? `gRPC ${answer.grpcStatus}` : `HTTP ${answer.status}`];
  if (answer.grpcStatus === 0 && signal !== undefined) parts.push(partialSuccess(signal, answer.body));
  return { status: parts.join(' '), hasDelay: answer.headers['grpc-status-details-bin'] !== undefined };
}

/** Answers of an HTTP server that did not come to speak OTLP: their body is for people. */
const NO_OTLP_ANSWER = [404, 405, 415];

/** An empty partial success is the same as none. */
function partialSuccess(signal: Signal, body: Uint8Array): string {
  const { partialSuccess: partial } = decodeResponse(signal, body);
  const rejected = partial?.rejectedSpans ?? partial?.rejectedDataPoints ?? partial?.rejectedLogRecords ?? 0n;
  return rejected === 0n ? 'complete' : `partial: ${rejected} rejected`;
}
