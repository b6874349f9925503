import { expect, it } from 'vitest';

import { systemClock } from '../../lib/index.ts';
import { defaultGrpcAccept, defaultHttpAccept } from '../server/limits.ts';
import { createOtlpServer } from '../server/otlp-server.ts';
import { parseEndpoint } from './endpoint.ts';
import { GrpcConnection } from './grpc-connection.ts';

it('connects again when the ids for calls are nearly used up, and lets those under way finish', async () => {
  const server = createOtlpServer(
    { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
    () => ({ status: 'ok' }),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const endpoint = parseEndpoint(`http://127.0.0.1:${port}`, undefined, 4317);
  const connection = new GrpcConnection({
    endpoint,
    address: endpoint.host,
    tls: undefined,
    onLost: () => {},
    clock: systemClock,
  });
  const first = await connection.open();
  expect(await connection.open()).toBe(first);
  // Missing in the types.
  (first as unknown as { setNextStreamID(id: number): void }).setNextStreamID(2 ** 31 - 101);
  const underWay = first.request({ ':method': 'POST', ':path': '/v1/nothing' });
  const status = new Promise((resolve) => underWay.on('response', (headers) => resolve(headers[':status'])));
  const second = await connection.open();
  expect(second).not.toBe(first);
  expect(second.closed).toBe(false);
  expect(await status).toBe(404);
  underWay.resume();
  underWay.end();
  connection.close();
  await server.shutdown({ graceMs: 0 });
});
