import { createServer, type Server } from 'node:net';

/** Ports that nobody listens on at this moment, all different. */
export async function findFreePorts(host: string, count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    for (let i = 0; i < count; i++) servers.push(await listen(host));
    return servers.map((server) => (server.address() as { readonly port: number }).port);
  } finally {
    for (const server of servers) server.close();
  }
}

function listen(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => resolve(server));
  });
}
