import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';

import { listen } from '../../../test/testkit/free-port.ts';
import { systemClock } from '../../lib/index.ts';
import type { ExportOutcome } from '../export-outcome.ts';
import { encodeStatus } from '../rpc-messages.ts';
import { createRemoteWriteClient } from './remote-write-client.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function outcomeOf(status: number, type: string, body: string | Uint8Array): Promise<ExportOutcome> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status, { 'content-type': type }).end(body));
  });
  const port = await listen(server);
  const endpoint = `http://127.0.0.1:${port}/api/v1/write`;
  const client = createRemoteWriteClient({ endpoint, version: '1.0', headers: {}, clock: systemClock });
  cleanUps.push(
    () => server.close(),
    () => client.close(),
  );
  const request = Buffer.from([0x0a, 0x00]);
  return client.export('metrics', request, { signal: new AbortController().signal, timeoutMs: 5000 });
}

describe('the answer to a request of remote write', () => {
  it.each([
    ['in plain text', 'text/plain', 'out of order sample'],
    ['in plain text under another type', 'application/octet-stream', 'out of order sample'],
    ['as OTLP says it', 'application/x-protobuf', encodeStatus({ code: 5, message: 'out of order sample' })],
  ])('is quoted, %s', async (_, type, body) => {
    const outcome = await outcomeOf(400, type, body);
    expect(outcome).toMatchObject({ failure: { message: 'the backend answered 400: out of order sample' } });
  });
});
