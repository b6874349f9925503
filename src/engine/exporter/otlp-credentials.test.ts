import { afterEach, describe, expect, it } from 'vitest';
import { type Capture, startCapture } from '../../../test/testkit/capture.ts';
import { configOf, startTestEngine, type TestEngine } from '../../../test/testkit/engine.ts';
import { startTokenEndpoint, TOKEN_CLIENT } from '../../../test/testkit/token-endpoint.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { checkEngineConfig } from '../engine.ts';

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

async function startBoth(
  extensions: (tokenUrl: string) => object,
): Promise<{ readonly backend: Capture; readonly engine: TestEngine }> {
  const backend = await startCapture();
  const tokens = await startTokenEndpoint();
  running.push(backend, tokens);
  const config = configOf({
    extensions: extensions(tokens.url) as Record<string, unknown>,
    exporters: {
      otlp_http: {
        endpoint: `http://127.0.0.1:${backend.httpPort}`,
        auth: { authenticator: 'oauth2client' },
        retry_on_failure: { enabled: false },
      },
    },
    pipelines: { traces: { exporters: ['otlp_http'] } },
  });
  const engine = await startTestEngine(config);
  running.push(engine);
  return { backend, engine };
}

const client = (token_url: string, secret: string = TOKEN_CLIENT.secret) => ({
  oauth2client: { client_id: TOKEN_CLIENT.id, client_secret: secret, token_url, scopes: ['a', 'b'] },
});

describe('an otlp exporter with an authenticator', () => {
  it('sends the token of oauth2client', async () => {
    const { backend, engine } = await startBoth((url) => client(url));
    await engine.send(['one']);
    await waitFor('a request at the backend', () => backend.requests.length === 1);
    expect(backend.requests[0]?.headers['authorization']).toBe('Bearer token for a b');
  });

  it('says what the token endpoint answered, without the secret', async () => {
    const { backend, engine } = await startBoth((url) => client(url, 'wr0ng-secret'));
    await engine.send(['one']);
    const failure = () => engine.engine.snapshot().pipelines[0]?.exporters[0]?.failure;
    await waitFor('a failure', () => failure() !== undefined);
    expect(failure()).toEqual({
      kind: 'credentials',
      message: expect.stringMatching(/^the token endpoint 127\.0\.0\.1:\d+\/token answered 401 invalid_client/),
    });
    expect(backend.requests).toEqual([]);
    expect(JSON.stringify([engine.deps.lines, engine.engine.snapshot()])).not.toContain('wr0ng-secret');
  });
});

describe('settings of an otlp exporter with an authenticator', () => {
  const issuesOf = (exporter: object, extensions: object = client('https://example.org/token')) =>
    checkEngineConfig(
      configOf({
        extensions: extensions as Record<string, unknown>,
        exporters: { otlp_grpc: { auth: { authenticator: 'oauth2client' }, ...exporter } },
        pipelines: { traces: { exporters: ['otlp_grpc'] } },
      }),
    ).map(({ code, path }) => `${code} ${path?.join('.')}`);

  it.each([
    [{ endpoint: 'h:4317' }, []],
    [{ endpoint: 'https://h:4317', tls: { insecure: true } }, []],
    [{ endpoint: 'h:4317', tls: { insecure: true, ca_pem: 'c' } }, []],
    [{ endpoint: 'h:4317', tls: { insecure: true } }, ['SL0105 exporters.otlp_grpc.auth']],
    [{ endpoint: 'http://h:4317' }, ['SL0105 exporters.otlp_grpc.auth']],
  ])('gRPC gives credentials to nobody in plain text: %o', (exporter, expected) => {
    expect(issuesOf(exporter)).toEqual(expected);
  });

  it('must be an extension of the service that authenticates clients', () => {
    const htpasswd = { oauth2client: client('https://e')['oauth2client'], basicauth: { htpasswd: { inline: 'a:b' } } };
    expect(issuesOf({ endpoint: 'h:4317' }, {})).toEqual(['SL0406 exporters.otlp_grpc.auth.authenticator']);
    expect(issuesOf({ endpoint: 'h:4317', auth: { authenticator: 'basicauth' } }, htpasswd)).toEqual([
      'SL0406 exporters.otlp_grpc.auth.authenticator',
    ]);
  });
});
