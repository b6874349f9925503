import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Prometheus text. */
  readonly metrics: () => string;
  /** Everything is known that is needed to decide. */
  readonly isReady: () => boolean;
}

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `/metrics`, `/healthz` and `/readyz`, for Prometheus and the kubelet. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const [status, text] = answer(request.url ?? '/', options);
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(url: string, { metrics, isReady }: MetricsServerOptions): readonly [number, string] {
  switch (url.split('?')[0]) {
    case '/metrics':
      return [200, metrics()];
    case '/healthz':
      return [200, 'ok\n'];
    case '/readyz':
      return isReady() ? [200, 'ok\n'] : [503, 'the cluster is still being read\n'];
    default:
      return [404, 'not found\n'];
  }
}

function listen(server: Server, { host, port }: MetricsServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
