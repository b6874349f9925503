import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { type MetricsServer, startMetricsServer } from './metrics-server.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((one) => one?.some(({ address }) => address === '::1'));

async function serve(isReady: boolean, act: (server: MetricsServer) => Promise<void>): Promise<void> {
  const server = await startMetricsServer({ host: '', port: 0, metrics: () => 'up 1\n', isReady: () => isReady });
  try {
    await act(server);
  } finally {
    await server.stop();
  }
}

it.skipIf(!hasIpv6)('is reached by either family where no host is given: a Pod may have the one or the other', () =>
  serve(true, async ({ port }) => {
    for (const host of ['127.0.0.1', '[::1]']) {
      expect(await (await fetch(`http://${host}:${port}/metrics`)).text()).toBe('up 1\n');
    }
  }),
);

it('lives before it is ready', () =>
  serve(false, async ({ port }) => {
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect([await status('/healthz'), await status('/readyz'), await status('/elsewhere')]).toEqual([200, 503, 404]);
  }));
