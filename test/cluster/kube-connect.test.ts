import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../src/kube/http-client.ts';
import { inCluster } from '../../src/kube/in-cluster.ts';
import { type ConnectOptions, connectKube, type KubeClient } from '../../src/kube/index.ts';
import { readKubeconfig } from '../../src/kube/kubeconfig.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { listen } from '../testkit/free-port.ts';
import { CONFIG_MAPS, NAMESPACES } from '../testkit/kube.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`a connection to a cluster${skipNote}`, () => {
  let plane: ControlPlane;
  let folder = '';
  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    folder = mkdtempSync(join(tmpdir(), 'sluice-connect-'));
  });
  afterAll(async () => {
    await plane?.stop();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const config = (
    name: string,
    user: object,
    { cluster = {}, namespace }: { cluster?: object; namespace?: string } = {},
  ) =>
    write(
      name,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        clusters: [
          { name, cluster: { server: plane.url, 'certificate-authority': plane.credentials.caFile, ...cluster } },
        ],
        users: [{ name, user }],
        contexts: [{ name, context: { cluster: name, user: name, ...(namespace && { namespace }) } }],
      }),
    );
  const connect = async (options: Partial<ConnectOptions>) => {
    const connection = await connectKube({ env: {}, clock: systemClock, ...options });
    onTestFinished(() => connection.client.close());
    return connection;
  };
  const expectWorks = async (client: KubeClient) =>
    expect((await client.get(NAMESPACES, { name: 'default' }))?.metadata.name).toBe('default');

  it('is made with a token, and knows its context and namespace', async () => {
    const { client, server, contextName, namespace } = await connect({
      kubeconfig: config('token', { token: plane.token }, { namespace: 'kyma-system' }),
    });
    await expectWorks(client);
    expect([server, contextName, namespace]).toEqual([plane.url, 'token', 'kyma-system']);
  });

  it('is made with a client certificate', async () => {
    const { certFile, keyFile } = plane.credentials.kubeletClient;
    const { client } = await connect({
      kubeconfig: config('certificate', { 'client-certificate': certFile, 'client-key': keyFile }),
    });
    await expectWorks(client);
  });

  it('is made with what a plugin says, which is asked again when the server does not know it', async () => {
    const answer = (token: string) =>
      JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } });
    const told = write('credential.json', answer('outdated'));
    const plugin = write('plugin.sh', `#!/bin/sh\ncat ${told}\n`);
    chmodSync(plugin, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
    const { client } = await connect({ kubeconfig: config('plugin', { exec }) });
    await expect(client.get(NAMESPACES, { name: 'default' })).rejects.toMatchObject({ status: 401 });
    writeFileSync(told, answer(plane.token));
    await expectWorks(client);
  });

  it('says what a plugin failed with', async () => {
    const plugin = write('failing.sh', '#!/bin/sh\necho no >&2; exit 1\n');
    chmodSync(plugin, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
    await expect(connect({ kubeconfig: config('failing', { exec }) })).rejects.toMatchObject({
      code: 'kube_config',
      message: expect.stringContaining('the credentials of user `failing` cannot be had: '),
    });
  });

  it('refuses a server whose certificate it does not trust, and says so', async () => {
    const own = { 'certificate-authority': undefined };
    const { client } = await connect({ kubeconfig: config('untrusted', { token: plane.token }, { cluster: own }) });
    await expect(client.get(NAMESPACES, { name: 'default' })).rejects.toMatchObject({
      name: 'ConnectionError',
      message: expect.stringContaining(`${plane.url} cannot be reached: `),
    });
    const skipping = { ...own, 'insecure-skip-tls-verify': true };
    const { client: trusting } = await connect({
      kubeconfig: config('skipping', { token: plane.token }, { cluster: skipping }),
    });
    await expectWorks(trusting);
  });

  it('goes to a server with a path of its own and plain HTTP, as gateways in front of clusters have', async () => {
    const gateway = createServer((from, to) => {
      const path = from.url?.replace(/^\/clusters\/one/, '');
      const headers = { authorization: from.headers.authorization };
      secureRequest(new URL(path ?? '/', plane.url), { ca: plane.caPem, headers }, (back) => {
        to.writeHead(back.statusCode ?? 500, back.headers);
        back.pipe(to);
      }).end();
    });
    const port = await listen(gateway);
    onTestFinished(() => void gateway.close());
    const server = `http://127.0.0.1:${port}/clusters/one`;
    const { client } = await connect({
      kubeconfig: config('gateway', { token: plane.token }, { cluster: { server } }),
    });
    await expectWorks(client);
    expect((await client.list(CONFIG_MAPS, { namespace: 'default' })).items.length).toBeGreaterThan(0);
  });

  it('goes through the proxy that the kubeconfig names', async () => {
    let tunnels = 0;
    const forwarder = createServer();
    const { connect: connectTcp } = await import('node:net');
    forwarder.on('connect', (from, socket) => {
      tunnels++;
      const [host, port] = from.url!.split(':');
      const there = connectTcp(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      socket.pipe(there).pipe(socket);
      socket.on('error', () => there.destroy());
      there.on('error', () => socket.destroy());
    });
    const port = await listen(forwarder);
    onTestFinished(() => void forwarder.close());
    const cluster = { 'proxy-url': `http://127.0.0.1:${port}` };
    const { client } = await connect({ kubeconfig: config('proxied', { token: plane.token }, { cluster }) });
    await expectWorks(client);
    expect(tunnels).toBeGreaterThan(0);
  });

  it('is made of several files, the first of which wins', async () => {
    const first = config('first', { token: plane.token });
    const second = config('second', { token: plane.token }, { namespace: 'two' });
    const env = { KUBECONFIG: [join(folder, 'not-there'), first, second].join(delimiter) };
    expect((await connect({ env })).contextName).toBe('first');
    const chosen = await connect({ env, context: 'second' });
    expect([chosen.contextName, chosen.namespace]).toEqual(['second', 'two']);
    await expectWorks(chosen.client);
  });

  it('says which contexts there are when the one that is asked for is none of them', async () => {
    const kubeconfig = config('only', { token: 'secret-token' });
    await expect(connect({ kubeconfig, context: 'other' })).rejects.toMatchObject({
      code: 'kube_config',
      message: `kubeconfig ${kubeconfig}: there is no context \`other\`; it has \`only\``,
    });
  });

  it('says what is missing where there is no kubeconfig', async () => {
    await expect(connect({ kubeconfig: join(folder, 'none') })).rejects.toMatchObject({ code: 'kube_config' });
    await expect(connect({ env: { HOME: folder } })).rejects.toMatchObject({
      code: 'kube_config',
      message: expect.stringContaining(`there is no ${join(folder, '.kube', 'config')}`),
    });
    await expect(connect({ kubeconfig: write('broken', '{ clusters: [') })).rejects.toMatchObject({
      code: 'kube_config',
    });
  });

  it('never shows a token', async () => {
    const { client } = await connect({ kubeconfig: config('wrong', { token: 'very-secret-token' }) });
    const error = await client.get(NAMESPACES, { name: 'default' }).catch((refusal: unknown) => refusal);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + (error as Error).stack).not.toContain(
      'very-secret',
    );
  });

  it('is made by a Pod with its service account, whose rotated token it reads at once when the old one is refused', async () => {
    const account = mkdtempSync(join(folder, 'account-'));
    writeFileSync(join(account, 'ca.crt'), readFileSync(plane.credentials.caFile));
    writeFileSync(join(account, 'token'), await plane.run(['create', 'token', 'default']));
    const { hostname, port } = new URL(plane.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const { server, credentials } = (await inCluster(env, systemClock, account))!;
    const transport = createTransport({ server, credentials, userAgent: 'test', clock: systemClock });
    const client = createHttpClient({ transport, clock: systemClock });
    onTestFinished(() => client.close());
    // It is known, and allowed little.
    const refused = client.list(CONFIG_MAPS, { namespace: 'kube-system' });
    await expect(refused).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('system:serviceaccount:default:default'),
    });
    writeFileSync(join(account, 'token'), 'outdated');
    credentials.forget();
    await expect(client.get(NAMESPACES, { name: 'default' })).rejects.toMatchObject({ status: 401 });
    writeFileSync(join(account, 'token'), plane.token);
    await expectWorks(client);
  });

  it('sends with a certificate that was exchanged, on new connections', async () => {
    const copies = { certFile: join(folder, 'client.crt'), keyFile: join(folder, 'client.key') };
    const exchange = ({ certFile, keyFile }: typeof copies) => {
      writeFileSync(copies.certFile, readFileSync(certFile));
      writeFileSync(copies.keyFile, readFileSync(keyFile));
    };
    exchange(plane.credentials.issue('nobody', []));
    const user = { 'client-certificate': copies.certFile, 'client-key': copies.keyFile };
    const { server, credentials } = await readKubeconfig(config('exchanged', user), undefined, systemClock);
    const transport = createTransport({ server, credentials, userAgent: 'test', clock: systemClock });
    const client = createHttpClient({ transport, clock: systemClock });
    onTestFinished(() => client.close());
    const nobody = { status: 403, message: expect.stringContaining('"nobody"') };
    await expect(client.list(CONFIG_MAPS)).rejects.toMatchObject(nobody);
    exchange(plane.credentials.kubeletClient);
    credentials.forget();
    await expectWorks(client);
  });
});
