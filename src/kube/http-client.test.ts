import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../lib/index.ts';
import { createHttpClient } from './http-client.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true } as const;
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } };
const lost = new Error('another one leads');

function clientOf(send: (request: HttpRequest) => Promise<HttpAnswer>) {
  const transport: Transport = { server: 'https://api', send, close: async () => {} };
  return createHttpClient({ transport, clock: systemClock });
}

function answer(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) } as unknown as HttpAnswer;
}

describe('a client that lives as long as a leadership', () => {
  it('does not send again what the server wanted to have later, once another one leads', async () => {
    let sent = 0;
    const leadership = new AbortController();
    const client = clientOf(async () => {
      sent++;
      setTimeout(() => leadership.abort(lost), 20);
      return answer(429, { kind: 'Status', reason: 'TooManyRequests' }, { 'retry-after': '1' });
    }).until(leadership.signal);
    await expect(client.apply(CONFIG_MAP, object, { fieldManager: 'f' })).rejects.toBe(lost);
    expect(sent).toBe(1);
  });

  it('ends what is under way', async () => {
    const leadership = new AbortController();
    const client = clientOf(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          setTimeout(() => leadership.abort(lost), 20);
        }),
    ).until(leadership.signal);
    await expect(client.update(CONFIG_MAP, object)).rejects.toBe(lost);
  });

  it('sends nothing afterwards, while the client it comes from goes on and counts for both', async () => {
    const whole = clientOf(async () => answer(200, object));
    const leadership = new AbortController();
    const client = whole.until(leadership.signal);
    await client.get(CONFIG_MAP, object.metadata);
    leadership.abort(lost);
    await expect(client.delete(CONFIG_MAP, object.metadata)).rejects.toBe(lost);
    expect(await whole.get(CONFIG_MAP, object.metadata)).toEqual(object);
    expect(Object.fromEntries(whole.requests)).toEqual({ 'get configmaps': 2 });
    expect(client.requests).toBe(whole.requests);
  });
});
