import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { createTextServer } from '../service/text-server.ts';
import { anyOf, parseEndpoint } from './endpoint.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((one) => one?.some(({ address }) => address === '::1'));

it.skipIf(!hasIpv6).each(['0.0.0.0:0', '[::]:0', ':0'])(
  'takes %s for every address of either family, as the Collector does: a Pod may have the one or the other',
  async (endpoint) => {
    const server = createTextServer({ '/': () => ({ status: 200, contentType: 'text/plain', body: 'here' }) });
    const { port } = await server.listen(parseEndpoint(endpoint));
    try {
      for (const host of ['127.0.0.1', '[::1]']) {
        expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('here');
      }
    } finally {
      await server.close();
    }
  },
);

it('keeps to one address where one is named', () => {
  expect(parseEndpoint('[::1]:4317')).toEqual({ host: '::1', port: 4317 });
  expect(parseEndpoint('127.0.0.1:4317')).toEqual({ host: '127.0.0.1', port: 4317 });
  expect(anyOf('localhost')).toBe('localhost');
});
