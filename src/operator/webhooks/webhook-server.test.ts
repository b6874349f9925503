import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import { MalformedReview } from './admission-review.ts';
import { type CertificateSet, renewedCertificates } from './certificate-set.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const NAMES = ['127.0.0.1'];
const certificates = await renewedCertificates(undefined, { names: NAMES, nowMs: Date.now() });
const errors: unknown[] = [];
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  errors.length = 0;
});

async function start(): Promise<WebhookServer> {
  const server = await startWebhookServer({
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    certificates,
    routes: [
      { path: '/echo', maxBodyBytes: 1000, answer: (body) => ({ body }) },
      { path: '/large', maxBodyBytes: 40 * 2 ** 20, answer: () => ({}) },
      {
        path: '/malformed',
        maxBodyBytes: 1000,
        answer: () => {
          throw new MalformedReview('not a review');
        },
      },
      {
        path: '/bug',
        maxBodyBytes: 1000,
        answer: () => {
          throw new Error('holds a secret');
        },
      },
    ],
    onError: (path, error) => errors.push([path, error]),
  });
  open.push({ close: () => server.stop() });
  return server;
}

function client(set: CertificateSet): Agent {
  const agent = new Agent({ connections: 1, connect: { ca: set.caBundle } });
  open.push(agent);
  return agent;
}

async function post(server: WebhookServer, path: string, body: string, agent = client(certificates)) {
  const url = `https://127.0.0.1:${server.port}${path}`;
  const answer = await request(url, { method: 'POST', body, dispatcher: agent });
  return { status: answer.statusCode, body: await answer.body.text() };
}

describe('the server of the webhooks', () => {
  it('answers over TLS', async () => {
    const server = await start();
    expect(await post(server, '/echo?timeout=10s', '{"a":1}')).toEqual({ status: 200, body: '{"body":{"a":1}}' });
  });

  it('says what is wrong with a request that is none of the API server', async () => {
    const server = await start();
    expect(await post(server, '/echo', '{')).toEqual({ status: 400, body: 'the body is not JSON\n' });
    expect(await post(server, '/malformed', '{}')).toEqual({ status: 400, body: 'not a review\n' });
    expect(await post(server, '/elsewhere', '{}')).toMatchObject({ status: 404 });
    const got = await request(`https://127.0.0.1:${server.port}/echo`, { dispatcher: client(certificates) });
    expect(got.statusCode).toBe(405);
    await got.body.dump();
  });

  it('reads no more of a body than it may hold', async () => {
    const server = await start();
    expect(await post(server, '/echo', JSON.stringify('a'.repeat(998)))).toMatchObject({ status: 200 });
    expect(await post(server, '/echo', JSON.stringify('a'.repeat(999)))).toMatchObject({ status: 413 });
  });

  it('makes no more values of a body than memory has room for, whoever sends it, and takes text for what it is', async () => {
    const server = await start();
    const many = await post(server, '/large', `[${'{},'.repeat(300_000)}{}]`);
    expect(many).toEqual({ status: 413, body: 'more than 500000 values\n' });
    expect(await post(server, '/large', JSON.stringify(['[{,"\\'.repeat(600_000)]))).toMatchObject({ status: 200 });
  });

  it('holds no more of all bodies together than it may, and takes the next one when that is over', async () => {
    const server = await start();
    const refused = await post(server, '/large', 'a'.repeat(33 * 2 ** 20));
    expect(refused).toEqual({ status: 503, body: 'too many requests at once\n' });
    expect(await post(server, '/large', JSON.stringify('a'.repeat(20 * 2 ** 20)))).toMatchObject({ status: 200 });
    expect(await post(server, '/large', JSON.stringify('a'.repeat(20 * 2 ** 20)))).toMatchObject({ status: 200 });
  });

  it('forgets what a sender that left had begun to send', async () => {
    const server = await start();
    for (let round = 0; round < 4; round++) {
      const leaving = connect({ host: '127.0.0.1', port: server.port, ca: certificates.caBundle });
      await once(leaving, 'secureConnect');
      leaving.write(`POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: ${30 * 2 ** 20}\r\n\r\n`);
      await new Promise<void>((resolve) => leaving.write('a'.repeat(12 * 2 ** 20), () => resolve()));
      leaving.destroy();
    }
    expect(await post(server, '/large', JSON.stringify('a'.repeat(20 * 2 ** 20)))).toMatchObject({ status: 200 });
    expect(errors).toEqual([]);
  });

  it('keeps no connection that does not become TLS: any Pod can open as many as there may be', async () => {
    const server = await start();
    const silent = connectTcp({ host: '127.0.0.1', port: server.port });
    const begunMs = performance.now();
    silent.resume();
    await once(silent, 'close');
    expect(performance.now() - begunMs).toBeLessThan(8_000);
  }, 20_000);

  it('answers a bug with nothing of it', async () => {
    const server = await start();
    expect(await post(server, '/bug', '{}')).toEqual({ status: 500, body: 'internal error\n' });
    expect(errors).toEqual([['/bug', new Error('holds a secret')]]);
  });

  it('changes its certificate for new connections, and answers on those that there are', async () => {
    const server = await start();
    const before = client(certificates);
    expect(await post(server, '/echo', '1', before)).toMatchObject({ status: 200 });
    const next = await renewedCertificates(undefined, { names: NAMES, nowMs: Date.now() });
    server.useCertificates(next);
    expect(await post(server, '/echo', '2', before)).toMatchObject({ status: 200 });
    expect(await post(server, '/echo', '3', client(next))).toMatchObject({ status: 200 });
    await expect(post(server, '/echo', '4', client(certificates))).rejects.toThrow(/self-signed|unable to verify/);
  });
});
