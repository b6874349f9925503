import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Capture, startCapture } from '../../../test/testkit/capture.ts';
import { createCliContext } from '../../../test/testkit/cli-context.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { freePort, listen } from '../../../test/testkit/free-port.ts';
import { createAuthority } from '../../../test/testkit/tls/authority.ts';
import { localhostCertificate } from '../../../test/testkit/tls/certificate.ts';
import { checkBackends } from './check-backends.ts';

const CANARY = 'hunter2canary';

let backend: Capture;
const servers: Server[] = [];
beforeAll(async () => {
  backend = await startCapture();
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await backend.stop();
});

async function answering(status: number, body = ''): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(body));
  });
  servers.push(server);
  return `http://127.0.0.1:${await listen(server)}`;
}

function pipeline(name: string, otlp: object): string {
  const manifest = {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name },
    spec: { output: { otlp } },
  };
  return JSON.stringify(manifest);
}

const toEndpoint = (value: string, more: object = {}) => ({ endpoint: { value }, ...more });
const overHttp = (value: string, more: object = {}) => toEndpoint(value, { protocol: 'http', ...more });

async function check(outputs: Record<string, object>, secrets = '') {
  const text = Object.entries(outputs).map(([name, otlp]) => pipeline(name, otlp));
  const { context, output } = createCliContext();
  const files = [{ file: 'a.yaml', text: text.join('\n---\n') }];
  const issues = await checkBackends(files, secrets === '' ? [] : [{ file: 's.yaml', text: secrets }], context);
  return { issues, ...output };
}

describe('asking backends', () => {
  it('finds nothing where a request is taken, sent with the headers of the pipeline', async () => {
    const headers = [{ name: 'x-token', value: CANARY }];
    const { issues, stderr } = await check({
      grpc: toEndpoint(`http://127.0.0.1:${backend.grpcPort}`, { headers }),
      http: overHttp(`http://127.0.0.1:${backend.httpPort}`, { headers }),
    });
    expect(issues).toEqual([]);
    expect(
      backend.requests.map(({ path, headers: sent, body }) => [path, sent['x-token'], body.length]).sort(),
    ).toEqual([
      ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', CANARY, 0],
      ['/v1/traces', CANARY, 0],
    ]);
    expect(stderr).toMatch(/^asking 2 backends, 10 s at most\n/);
    expect(stderr).toMatch(/✔ tracepipeline\/grpc {3}127\.0\.0\.1:\d+ \(gRPC\) took an empty request in \d+ ms\n/);
    expect(stderr).not.toContain(CANARY);
  });

  it('tells the ways of failing apart, all at once, at the lines of the endpoints', async () => {
    const secure = createTlsServer(localhostCertificate(), (_, response) => response.end());
    servers.push(secure);
    const closed = await freePort();
    const outputs = {
      refused: toEndpoint(`http://127.0.0.1:${closed}`),
      dns: overHttp('http://backend.invalid:4318'),
      grpcport: overHttp(`http://127.0.0.1:${backend.grpcPort}`),
      httpport: toEndpoint(`http://127.0.0.1:${backend.httpPort}`),
      plain: overHttp(`https://127.0.0.1:${backend.httpPort}`),
      certificate: overHttp(`https://127.0.0.1:${await listen(secure)}`),
      credentials: overHttp(await answering(401, CANARY), {
        headers: [{ name: 'authorization', value: `Bearer ${CANARY}` }],
      }),
      path: overHttp(await answering(404)),
      rejects: overHttp(await answering(400)),
      busy: overHttp(await answering(503)),
    };
    const { issues, stderr } = await check(outputs);
    const codes = issues.map(({ code, severity, message }) => [/`(\w+)`/.exec(message)?.[1], code, severity]);
    expect(Object.fromEntries(codes.map(([name, code, severity]) => [name, `${severity} ${code}`]))).toEqual({
      refused: 'error SL0501',
      dns: 'error SL0502',
      grpcport: 'error SL0503',
      httpport: 'error SL0503',
      plain: 'error SL0504',
      certificate: 'error SL0505',
      credentials: 'error SL0506',
      path: 'error SL0503',
      rejects: 'warning SL0507',
      busy: 'error SL0508',
    });
    for (const { span, help, label } of issues)
      expect([span?.file, help, label]).toEqual(['a.yaml', expect.any(String), expect.any(String)]);
    expect(issues.find(({ code }) => code === 'SL0501')?.notes).toContain(`try: sluice sink --port ${closed}`);
    expect(issues.find(({ code }) => code === 'SL0506')?.notes).toContain('header `authorization` is sent');
    expect(JSON.stringify(issues) + stderr).not.toContain(CANARY);
  });

  it('gives up on a backend that never answers after ten seconds', async () => {
    const sockets: Socket[] = [];
    const connected = Promise.withResolvers<void>();
    const mute = createTcpServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => connected.resolve());
    });
    const clock = createFakeClock();
    const { context } = createCliContext({ clock });
    const text = pipeline('mute', overHttp(`http://127.0.0.1:${await listen(mute)}`));
    const checking = checkBackends([{ file: 'a.yaml', text }], [], context);
    await connected.promise;
    await clock.advance(10_000);
    expect(await checking).toMatchObject([{ code: 'SL0508', severity: 'error' }]);
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  it('has nothing to ask where no pipeline sends over OTLP', async () => {
    const { context, output } = createCliContext();
    const text = pipeline('a', {}).replace('{"otlp":{}}', '{"stdout":{}}');
    expect(await checkBackends([{ file: 'a.yaml', text }], [], context)).toEqual([]);
    expect(output.stderr).toBe('');
  });
});

describe('asking backends with what Secrets hold', () => {
  const secretOf = (data: Record<string, string>) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'obs' }, stringData: data });
  const ref = (key: string) => ({ valueFrom: { secretKeyRef: { name: 's', namespace: 'obs', key } } });

  it('trusts the CA, shows the client certificate and sends the password of the pipeline', async () => {
    const authority = createAuthority();
    const { certPem, keyPem } = authority.issue();
    const client = authority.issue({ commonName: 'client' });
    const seen: (string | undefined)[] = [];
    const options = { cert: certPem, key: keyPem, ca: authority.certPem, requestCert: true, rejectUnauthorized: true };
    const secure = createTlsServer(options, (request, response) => {
      seen.push(request.headers.authorization);
      request.resume().on('end', () => response.writeHead(200).end());
    });
    servers.push(secure);
    const otlp = {
      protocol: 'http',
      endpoint: { value: `https://127.0.0.1:${await listen(secure)}` },
      tls: { ca: ref('ca'), cert: ref('cert'), key: ref('key') },
      authentication: { basic: { user: { value: 'u' }, password: ref('password') } },
    };
    const data = { ca: authority.certPem, cert: client.certPem, key: client.keyPem, password: CANARY };
    const { issues, stderr } = await check({ mutual: otlp }, secretOf(data));
    expect(issues).toEqual([]);
    expect(seen).toEqual([`Basic ${Buffer.from(`u:${CANARY}`).toString('base64')}`]);
    expect(stderr).not.toContain(CANARY);
  });

  it('fetches the OAuth2 token first, and names the Secret when that is refused', async () => {
    const tokens = createServer((request, response) => {
      request.resume().on('end', () => {
        const good =
          request.headers.authorization?.includes(Buffer.from('good:').toString('base64').slice(0, 5)) === true;
        response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify(good ? { access_token: 'token-1', token_type: 'Bearer' } : { error: 'invalid_client' }),
        );
      });
    });
    servers.push(tokens);
    const tokenURL = { value: `http://127.0.0.1:${await listen(tokens)}` };
    const output = (clientID: string) =>
      overHttp(`http://127.0.0.1:${backend.httpPort}`, {
        authentication: { oauth2: { tokenURL, clientID: { value: clientID }, clientSecret: ref('password') } },
      });
    const before = backend.requests.length;
    const { issues, stderr } = await check(
      { good: output('good'), bad: output('bad') },
      secretOf({ password: CANARY }),
    );
    expect(backend.requests.slice(before).map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-1']);
    expect(issues).toMatchObject([
      { code: 'SL0506', notes: expect.arrayContaining(['client secret from Secret obs/s, key password']) },
    ]);
    expect(JSON.stringify(issues) + stderr).not.toContain(CANARY);
  });

  it('does not tell an address that stands in a Secret', async () => {
    const port = await freePort();
    const { issues, stderr } = await check(
      { hidden: { endpoint: ref('endpoint') } },
      secretOf({ endpoint: `http://127.0.0.1:${port}` }),
    );
    expect(issues).toMatchObject([{ code: 'SL0501', label: 'nothing listens on the endpoint' }]);
    expect(JSON.stringify(issues) + stderr).not.toContain(String(port));
    expect(stderr).toContain('Secret obs/s, key endpoint (gRPC)');
  });
});
