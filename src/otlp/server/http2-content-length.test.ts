import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { connectRawHttp2, FLAG, FRAME, frame, headerBlock, type RawFrame } from '../../../test/testkit/raw-http2.ts';
import { sendHttp } from '../../../test/testkit/senders.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtlpRequest } from '../request.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const PROTOCOL_ERROR = 1;

const requests: OtlpRequest[] = [];
const server = createOtlpServer(
  { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
  (request) => {
    requests.push(request);
    return { status: 'ok' };
  },
);
let port = 0;

beforeAll(async () => {
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => server.shutdown({ graceMs: 0 }));

function spanNamed(name: string): Uint8Array {
  return encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] });
}

async function postOverHttp2(contentLength: string, body: Uint8Array): Promise<RawFrame> {
  const raw = await connectRawHttp2(port);
  const block = headerBlock({
    ':method': 'POST',
    ':scheme': 'http',
    ':path': '/v1/traces',
    ':authority': 'x',
    'content-type': 'application/x-protobuf',
    'content-length': contentLength,
  });
  raw.send(frame(FRAME.headers, FLAG.endHeaders, 1, block), frame(FRAME.data, FLAG.endStream, 1, body));
  const first = await raw.next('the answer', (answer) => answer.streamId === 1);
  raw.close();
  return first;
}

it('larger than what came ends in a reset, with nothing handled and nothing kept', async () => {
  requests.length = 0;
  const answer = await postOverHttp2(String(16 * 1024 * 1024), spanNamed('small'));
  expect([answer.type, answer.payload.readUInt32BE(0)]).toEqual([FRAME.rstStream, PROTOCOL_ERROR]);
  expect(requests).toHaveLength(0);
  expect(server.inFlightBytes).toBe(0);
});

/** HTTP/1's parser refuses such lengths itself. */
describe('a content-length over HTTP/2 that is none', () => {
  it.each(['-60', '-1000000000', '-0.5', '1e3', '0x10', '12.5', 'Infinity', 'many', '-1, -1'])(
    'changes neither the budget nor the memory of other requests: %s',
    async (contentLength) => {
      requests.length = 0;
      const first = spanNamed('held by a queue, and long enough to be seen when it is overwritten');
      await sendHttp(port, { path: '/v1/traces', body: first, headers: { 'content-type': 'application/x-protobuf' } });
      await postOverHttp2(contentLength, spanNamed('of the liar'));
      const next = spanNamed('another request, which must not stand where the first one stands');
      await sendHttp(port, { path: '/v1/traces', body: next, headers: { 'content-type': 'application/x-protobuf' } });
      expect(Buffer.compare(requests[0]!.bytes, first)).toBe(0);
      expect(Buffer.compare(requests.at(-1)!.bytes, next)).toBe(0);
      expect(server.inFlightBytes).toBe(0);
    },
  );
});
