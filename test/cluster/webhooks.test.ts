import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, ResourceType } from '../../src/kube/index.ts';
import { type RunningWebhooks, WEBHOOK_SECRET, WEBHOOK_SERVICE, webhookManifests } from '../../src/operator/index.ts';
import { establishTrust, FIELD_MANAGER } from '../../src/operator/webhooks/ca-bundle.ts';
import { type CertificateSet, renewedCertificates } from '../../src/operator/webhooks/certificate-set.ts';
import { requireControlPlane } from '../testkit/control-plane.ts';
import { freePort } from '../testkit/free-port.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { DEFINITIONS, NAMESPACE, startWebhookPlane, type WebhookPlane } from '../testkit/webhook-plane.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRETS: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const CONFIGURATIONS = [
  'mutatingwebhookconfiguration/telemetry-mutating-webhook.kyma-project.io',
  'validatingwebhookconfiguration/telemetry-validating-webhook.kyma-project.io',
];
const SECRET = { namespace: NAMESPACE, name: WEBHOOK_SECRET };

type CertificateSecret = KubeObject & { readonly data: Readonly<Record<string, string>> };

function tracePipeline(name: string, { version = 'v1beta1', rule = 'IsMatch(span.name, "a")' } = {}): string {
  return JSON.stringify({
    apiVersion: `telemetry.kyma-project.io/${version}`,
    kind: 'TracePipeline',
    metadata: { name },
    spec: { filter: [{ conditions: [rule] }], output: { otlp: { endpoint: { value: 'http://jaeger.obs:4317' } } } },
  });
}

const MISTAKE = { rule: 'isMatch(span.name, "a")' };

describe.skipIf(peer.status === 'missing')(`webhooks of an API server${skipNote}`, () => {
  let cluster: WebhookPlane;
  let webhooks: RunningWebhooks;
  const apply = (input: string, ...args: string[]) => cluster.plane.kubectl(['apply', ...args, '-f', '-'], { input });

  beforeAll(async () => {
    cluster = await startWebhookPlane();
  });
  afterAll(() => cluster?.stop());

  /** Changes what is in the Secret as time would have. */
  async function store(set: CertificateSet): Promise<void> {
    const secret = await cluster.client.get<CertificateSecret>(SECRETS, SECRET);
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    const data = {
      'ca.crt': encoded(set.caBundle),
      'ca.key': encoded(set.caKey),
      'tls.crt': encoded(set.certificate),
      'tls.key': encoded(set.key),
    };
    await cluster.client.update(SECRETS, { ...secret!, data });
  }

  async function stored(): Promise<Readonly<Record<string, string>>> {
    const { data } = (await cluster.client.get<CertificateSecret>(SECRETS, SECRET))!;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  const trustedCas = async (object: string) => {
    const path = object.startsWith('crd/') ? '{.spec.conversion.webhook' : '{.webhooks[0]';
    const text = await cluster.plane.run(['get', object, '-o', `jsonpath=${path}.clientConfig.caBundle}`]);
    return Buffer.from(text, 'base64').toString();
  };

  it('are not needed for applying: while nobody serves them, what the schema allows is accepted', async () => {
    expect(await apply(tracePipeline('unchecked', MISTAKE))).toMatchObject({ code: 0 });
    await cluster.plane.run(['delete', 'tracepipeline', 'unchecked']);
  });

  it('refuse a mistake of OTTL once they are served, in kubectl’s list and for a dry run alike', async () => {
    webhooks = await cluster.start();
    const refused = await apply(tracePipeline('checked', MISTAKE));
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(
      /^The TracePipeline "checked" is invalid: spec\.filter\[0\]\.conditions\[0\]: Invalid value: "isMatch\(span\.name, "a"\)": column 1: unknown OTTL function `isMatch`;.* \(SL0201\)\n$/,
    );
    expect(await apply(tracePipeline('checked', MISTAKE), '--dry-run=server')).toEqual(refused);
    expect(await apply(tracePipeline('checked'))).toMatchObject({ code: 0 });
  });

  it('keep their keys where only the Secret is, and their log free of them', async () => {
    const { 'ca.key': caKey = '', 'tls.key': key = '' } = await stored();
    expect([caKey, key].map((text) => text.split('\n')[0])).toEqual([
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----',
    ]);
    expect(cluster.logged.join('\n')).not.toMatch(/BEGIN|PRIVATE/);
  });

  it('own the CA in what sends to them, and nothing else', async () => {
    const { 'ca.crt': bundle } = await stored();
    for (const object of [...CONFIGURATIONS, 'crd/logpipelines.telemetry.kyma-project.io'])
      expect(await trustedCas(object)).toBe(bundle);
    expect(await cluster.plane.run(['get', CONFIGURATIONS[1]!, '-o', 'jsonpath={.webhooks[*].failurePolicy}'])).toMatch(
      /^(Ignore ?)+$/,
    );
  });

  it('put the CA back where somebody took it away', async () => {
    const patch = JSON.stringify([{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }]);
    for (const object of CONFIGURATIONS) await cluster.plane.run(['patch', object, '--type=json', '-p', patch]);
    expect(await trustedCas(CONFIGURATIONS[0]!)).toBe('');
    await webhooks.reconcile();
    const { 'ca.crt': bundle } = await stored();
    for (const object of CONFIGURATIONS) expect(await trustedCas(object)).toBe(bundle);
  });

  it('let labels and finalizers of a pipeline change that became invalid while they were away', async () => {
    await webhooks.stop();
    await apply(tracePipeline('old', MISTAKE));
    webhooks = await cluster.start();
    await cluster.plane.run(['label', 'tracepipeline', 'old', 'team=shop']);
    await cluster.plane.run([
      'patch',
      'tracepipeline',
      'old',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":["a.b/c"]}}',
    ]);
    const worse = '{"spec":{"transform":[{"statements":["nothing()"]}]}}';
    const refused = await cluster.plane.kubectl(['patch', 'tracepipeline', 'old', '--type=merge', '-p', worse]);
    expect(refused.stderr).toContain('spec.transform[0].statements[0]');
    expect(refused.stderr).not.toContain('isMatch');
    await cluster.plane.run(['delete', 'tracepipeline', 'old', '--wait=false']);
    await cluster.plane.run([
      'patch',
      'tracepipeline',
      'old',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
    expect(await cluster.plane.kubectl(['get', 'tracepipeline', 'old'])).toMatchObject({ code: 1 });
  });

  it('share one CA, however many replicas start at once', async () => {
    await webhooks.stop();
    await cluster.client.delete(SECRETS, SECRET);
    const others = await Promise.all([cluster.start(), ...[1, 2, 3].map(async () => cluster.start(await freePort()))]);
    webhooks = others[0]!;
    const { 'ca.crt': bundle = '', 'tls.crt': certificate = '' } = await stored();
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    for (const other of others.slice(1)) await other.reconcile();
    expect((await stored())['tls.crt']).toBe(certificate);
    expect(await trustedCas(CONFIGURATIONS[1]!)).toBe(bundle);
    for (const other of others.slice(1)) await other.stop();
    expect(await apply(tracePipeline('shared', MISTAKE))).toMatchObject({ code: 1 });
  });

  it('answer every request while the CA changes, conversion among them', async () => {
    const names = [
      'telemetry-manager-webhook.kyma-system.svc',
      'telemetry-manager-webhook.kyma-system.svc.cluster.local',
      '127.0.0.1',
    ];
    const at = (ageMs: number, current?: CertificateSet) =>
      renewedCertificates(current, { names, nowMs: Date.now() - ageMs });
    const nearlyDue = await at(40 * DAY_MS, await at(250 * DAY_MS));
    await store(nearlyDue);
    await webhooks.stop();
    webhooks = await cluster.start();
    await apply(tracePipeline('converted'));

    const failures: string[] = [];
    let isOver = false;
    let count = 0;
    const requests = (async () => {
      while (!isOver) {
        // Fresh objects each time: the API server keeps conversions of what it has seen.
        const answers = await Promise.all([
          apply(tracePipeline('rotating', MISTAKE)),
          cluster.plane.kubectl(['get', 'tracepipelines.v1alpha1.telemetry.kyma-project.io', '-o', 'name']),
        ]);
        count++;
        if (!answers[0].stderr.includes('SL0201')) failures.push(answers[0].stderr);
        if (!answers[1].stdout.includes('converted')) failures.push(answers[1].stderr);
      }
    })();
    try {
      // A new CA is announced beside the old one, which still signs what is served.
      expect((await stored())['tls.crt']).toBe(nearlyDue.certificate);
      expect((await stored())['ca.crt']!.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      await waitFor('requests under the announced CA', () => count >= 3);
      // Two hours later, in which everybody has learnt of it.
      await store(await at(2 * HOUR_MS, nearlyDue));
      await webhooks.reconcile();
      await webhooks.reconcile();
      const seen = count;
      await waitFor('requests under the new CA', () => count >= seen + 5);
    } finally {
      isOver = true;
      await requests;
    }
    expect(failures).toEqual([]);
    const { 'ca.crt': bundle = '', 'tls.crt': certificate = '' } = await stored();
    expect(certificate).not.toBe(nearlyDue.certificate);
    expect(new X509Certificate(certificate).checkIssued(new X509Certificate(bundle))).toBe(true);
  });

  it('are needed for reading the version that is not stored, and say so', async () => {
    await webhooks.stop();
    const old = await cluster.plane.kubectl(['get', 'tracepipeline.v1alpha1.telemetry.kyma-project.io', 'converted']);
    expect(old).toMatchObject({ code: 1 });
    expect(old.stderr).toContain('conversion webhook');
    expect(await cluster.plane.run(['get', 'tracepipeline', 'converted', '-o', 'name'])).toContain('converted');
  });

  it('own the CA alone where a Service leads to them, so that an installation applied again leaves it', async () => {
    const definition = 'crd/logpipelines.telemetry.kyma-project.io';
    const install = async () => {
      await cluster.plane.run(['delete', ...CONFIGURATIONS]);
      await cluster.plane.run(['delete', 'crd', '--all']);
      await cluster.plane.run(['apply', '--server-side', '-f', DEFINITIONS]);
      await cluster.plane.apply(webhookManifests({ namespace: NAMESPACE }));
    };
    const { 'ca.crt': caBundle = '' } = await stored();
    const trust = () => establishTrust({ client: cluster.client, namespace: NAMESPACE, caBundle });
    expect((await trust()).repaired).toHaveLength(5);
    expect(await cluster.plane.run(['get', definition, '-o', 'jsonpath={.spec.conversion}'])).not.toContain(
      '127.0.0.1',
    );
    await install();
    expect((await trust()).repaired).toHaveLength(5);
    expect(await trust()).toEqual({ repaired: [], missing: [] });
    await cluster.plane.apply(webhookManifests({ namespace: NAMESPACE }));
    await cluster.plane.run(['apply', '--server-side', '-f', DEFINITIONS]);
    expect(await trust()).toEqual({ repaired: [], missing: [] });

    for (const object of [...CONFIGURATIONS, definition]) {
      expect(await trustedCas(object)).toBe(caBundle);
      const { metadata } = JSON.parse(await cluster.plane.run(['get', object, '-o', 'json', '--show-managed-fields']));
      const own = metadata.managedFields.filter((one: { manager: string }) => one.manager === FIELD_MANAGER);
      expect(own).toHaveLength(1);
      expect(JSON.stringify(own)).toContain('f:caBundle');
      expect(JSON.stringify(own)).not.toMatch(/f:rules|f:failurePolicy|f:versions/);
    }

    // Served where the Service leads: one with an external name, as no other leads anywhere without a node.
    await cluster.plane.run(['apply', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: WEBHOOK_SERVICE, namespace: NAMESPACE },
        spec: { type: 'ExternalName', externalName: '127.0.0.1' },
      }),
    });
    for (const object of CONFIGURATIONS) {
      const { webhooks: all } = JSON.parse(await cluster.plane.run(['get', object, '-o', 'json']));
      const patch = all.map((_: unknown, index: number) => {
        return { op: 'replace', path: `/webhooks/${index}/clientConfig/service/port`, value: cluster.port };
      });
      await cluster.plane.run(['patch', object, '--type=json', '-p', JSON.stringify(patch)]);
    }
    const behindService = await cluster.start(cluster.port, { asService: true });
    await waitFor('a refusal', async () => (await apply(tracePipeline('served', MISTAKE))).stderr.includes('SL0201'));
    await behindService.stop();

    await cluster.plane.run(['delete', CONFIGURATIONS[0]!]);
    expect((await trust()).missing).toEqual([CONFIGURATIONS[0]!.split('/')[1]]);
  });
});
