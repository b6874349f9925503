import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/**
 * Where to look: below the ports that kernels give to connections and to whoever asks for any, and those of Services of type
 * NodePort, so that nothing takes a port between this look and its use.
 */
const FIRST = 12_000;
const COUNT = 18_000;

// Several processes look at the same time.
let next = Math.floor(Math.random() * COUNT);

/** A loopback TCP port that is free now and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < COUNT; tried++) {
    const port = FIRST + (next++ % COUNT);
    const server = createServer();
    try {
      await listen(server, port);
    } catch {
      continue;
    }
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
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
