import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock, type FakeClock } from '../../../test/testkit/fake-clock.ts';
import { listen } from '../../../test/testkit/free-port.ts';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import { oauth2ClientExtension } from './oauth2-client.ts';

interface Asked {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}
interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A token endpoint that answers as told and keeps what it was asked. */
async function startEndpoint(answer: (asked: Asked, count: number) => Answer | undefined) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    asked.push({ authorization: request.headers.authorization, form });
    const given = answer(asked.at(-1)!, asked.length);
    if (given === undefined) return;
    response.writeHead(given.status, { 'content-type': given.contentType ?? 'application/json' });
    response.end(given.body);
  });
  servers.push(server);
  const port = await listen(server);
  return { asked, url: `http://127.0.0.1:${port}/token` };
}

const SECRET = 'sécret &1';
const token = (text: string, more: object = {}): Answer => ({
  status: 200,
  body: JSON.stringify({ access_token: text, token_type: 'bearer', ...more }),
});

function clientOf(
  url: string,
  { settings = {}, clock = createFakeClock() }: { settings?: object; clock?: FakeClock } = {},
) {
  const all = { client_id: 'me', client_secret: SECRET, token_url: url, ...settings } as ComponentConfig;
  const context = { id: 'oauth2client' as ComponentId, deps: testDeps(clock), ready: () => true };
  return oauth2ClientExtension.create(all, context).credentials!;
}

describe('oauth2client', () => {
  it('asks as RFC 6749 says and sends what it got', async () => {
    const endpoint = await startEndpoint(() => token('t1'));
    const settings = { scopes: ['a', 'b'], endpoint_params: { audience: ['x'], resource: 'y' } };
    expect(await clientOf(endpoint.url, { settings }).headers()).toEqual({ authorization: 'Bearer t1' });
    const basic = Buffer.from('me:s%C3%A9cret+%261').toString('base64');
    expect(endpoint.asked).toEqual([
      {
        authorization: `Basic ${basic}`,
        form: { grant_type: 'client_credentials', scope: 'a b', audience: 'x', resource: 'y' },
      },
    ]);
  });

  it('gives the secret in the form to an endpoint that does not take it in the header, and remembers', async () => {
    const endpoint = await startEndpoint(({ form }) =>
      form['client_secret'] === SECRET ? token('t', { expires_in: 1 }) : { status: 401, body: '{}' },
    );
    const clock = createFakeClock();
    const credentials = clientOf(endpoint.url, { clock });
    await credentials.headers();
    await clock.advance(2000);
    await credentials.headers();
    expect(endpoint.asked.map(({ form }) => form['client_id'])).toEqual([undefined, 'me', 'me']);
  });

  it('asks once, however many requests wait', async () => {
    const endpoint = await startEndpoint((_, count) => token(`t${count}`));
    const credentials = clientOf(endpoint.url);
    const headers = await Promise.all([1, 2, 3].map(() => credentials.headers()));
    expect(headers).toEqual(Array(3).fill({ authorization: 'Bearer t1' }));
    expect(credentials.headers()).toEqual({ authorization: 'Bearer t1' });
  });

  it('asks again before the token expires', async () => {
    const endpoint = await startEndpoint((_, count) => token(`t${count}`, { expires_in: 3600 }));
    const clock = createFakeClock();
    const credentials = clientOf(endpoint.url, { clock });
    await credentials.headers();
    await clock.advance(3_299_999);
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer t1' });
    await clock.advance(1);
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer t2' });
  });

  it('uses a token that lives shorter than the buffer for half of its time', async () => {
    const endpoint = await startEndpoint((_, count) => token(`t${count}`, { expires_in: '60' }));
    const clock = createFakeClock();
    const credentials = clientOf(endpoint.url, { clock });
    await credentials.headers();
    await clock.advance(29_999);
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer t1' });
    await clock.advance(1);
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer t2' });
  });

  it('throws away a token that was refused, but not faster than once a second', async () => {
    const endpoint = await startEndpoint((_, count) => token(`t${count}`));
    const clock = createFakeClock();
    const credentials = clientOf(endpoint.url, { clock });
    await credentials.headers();
    credentials.rejected?.();
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer t1' });
    await clock.advance(1000);
    credentials.rejected?.();
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer t2' });
  });

  it.each<[string, Answer, RegExp]>([
    [
      'an error of RFC 6749',
      { status: 401, body: JSON.stringify({ error: 'invalid_client', error_description: `no ${SECRET} here` }) },
      /^the token endpoint 127\.0\.0\.1:\d+\/token answered 401 invalid_client: no \*\*\* here$/,
    ],
    ['no JSON', { status: 500, body: '<html>' }, /answered 500$/],
    ['no token', { status: 200, body: '{"token_type":"bearer"}' }, /answered 200 without an access_token$/],
    ['an error that is called a success', { status: 200, body: '{"error":"denied"}' }, /answered 200 denied$/],
  ])('says what the endpoint answered: %s', async (_, answer, message) => {
    const endpoint = await startEndpoint(() => answer);
    await expect(clientOf(endpoint.url).headers()).rejects.toMatchObject({
      code: 'no_token',
      message: expect.stringMatching(message),
    });
  });

  it('repeats nothing of what it sent, whatever the endpoint quotes', async () => {
    let header: string | undefined;
    const endpoint = await startEndpoint(({ authorization, form }) => {
      header ??= authorization;
      const answer = { error: 'invalid_request', error_description: `${header} ${new URLSearchParams(form)}` };
      return { status: 400, body: JSON.stringify(answer) };
    });
    const settings = { client_id: 'c4nary-id', endpoint_params: { audience: 'c4nary param', other: ['c4nary/2'] } };
    const failed = await Promise.resolve(clientOf(endpoint.url, { settings }).headers()).catch(String);
    const form = 'grant_type=client_credentials&audience=***&other=***&client_id=***&client_secret=***';
    expect(failed).toMatch(/invalid_request: Basic \*\*\* (.*)$/);
    expect(failed).toContain(` Basic *** ${form}`);
  });

  it('says that the endpoint cannot be reached, and asks again for the next request', async () => {
    const credentials = clientOf('http://127.0.0.1:1/token');
    for (let request = 0; request < 2; request++) {
      await expect(credentials.headers()).rejects.toThrow(/127\.0\.0\.1:1\/token cannot be asked: ECONNREFUSED/);
    }
  });

  it('waits no longer than its timeout', async () => {
    const clock = createFakeClock();
    let heard: () => void;
    const hears = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const endpoint = await startEndpoint(() => {
      heard();
      return undefined;
    });
    const headers = Promise.resolve(clientOf(endpoint.url, { clock, settings: { timeout: '3s' } }).headers());
    const failed = expect(headers).rejects.toThrow(/did not answer in time/);
    await hears;
    await clock.advance(3000);
    await failed;
  });

  it('takes answers that are forms, and other types of token', async () => {
    const contentType = 'application/x-www-form-urlencoded';
    const endpoint = await startEndpoint(() => ({ status: 200, contentType, body: 'access_token=t&token_type=DPoP' }));
    expect(await clientOf(endpoint.url).headers()).toEqual({ authorization: 'DPoP t' });
  });

  it.each([
    [{}, ['SL0102', 'SL0102', 'SL0102']],
    [{ client_id: 'a', client_secret_file: '/f', token_url: 'example.org' }, ['SL0110']],
    [{ client_id: 'a', client_secret: 'b', token_url: 'https://e', tls: { cert_pem: 'x' } }, ['SL0114']],
  ])('checks %o', (settings, expected) => {
    const use = { signals: [], receivedBy: [] };
    const issues = oauth2ClientExtension.check?.(settings as ComponentConfig, use);
    expect(issues?.map(({ code }) => code)).toEqual(expected);
  });
});
