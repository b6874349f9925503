import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

const given = new Set<number>();

/** A loopback TCP port that is free now and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/** Listens, by default on loopback and any free port; resolves with the port. */
export function listen(
  server: Pick<Server, 'listen' | 'once' | 'address'>,
  port = 0,
  host = '127.0.0.1',
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
