import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { issueCa, issueServing } from './certificate.ts';
import { type CertificateSet, OVERLAP_MS, renewedCertificates } from './certificate-set.ts';

const DAY_MS = 86_400_000;
const NAMES = ['telemetry-manager-webhook.kyma-system.svc', '127.0.0.1'];
const NOW_MS = Date.now();

function at(nowMs: number, current?: CertificateSet): Promise<CertificateSet> {
  return renewedCertificates(current, { names: NAMES, nowMs });
}

function cas(set: CertificateSet): readonly X509Certificate[] {
  return set.caBundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((text) => text !== '')
    .map((text) => new X509Certificate(text));
}

/** What a TLS client says that trusts the bundle: undefined where it accepts the server. */
async function handshakeError(set: CertificateSet, ca: string, servername: string): Promise<string | undefined> {
  const server = createServer({ cert: set.certificate, key: set.key });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
        socket.destroy();
        resolve(undefined);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    server.close();
  }
}

describe('certificates of the webhooks', () => {
  it('are accepted by a TLS client that trusts their CA, by the name of the Service and by address', async () => {
    const set = await at(NOW_MS);
    expect(await handshakeError(set, set.caBundle, NAMES[0]!)).toBeUndefined();
    expect(await handshakeError(set, set.caBundle, '')).toBeUndefined();
    expect(await handshakeError(set, set.caBundle, 'elsewhere.kyma-system.svc')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await handshakeError(set, (await at(NOW_MS)).caBundle, NAMES[0]!)).toBeDefined();
  });

  it('stay as they are while nothing is due', async () => {
    const set = await at(NOW_MS);
    expect(await at(NOW_MS + 59 * DAY_MS, set)).toBe(set);
  });

  it('get a new serving certificate of the same CA a month before the end', async () => {
    const set = await at(NOW_MS);
    const renewed = await at(NOW_MS + 61 * DAY_MS, set);
    expect(renewed.caBundle).toBe(set.caBundle);
    expect(renewed.certificate).not.toBe(set.certificate);
    expect(Date.parse(new X509Certificate(renewed.certificate).validTo)).toBeGreaterThan(NOW_MS + 140 * DAY_MS);
  });

  it('get a new CA long before the end; what it signs is served only after everybody could learn of it', async () => {
    const first = await at(NOW_MS - 250 * DAY_MS);
    const before = await at(NOW_MS - 40 * DAY_MS, first);
    expect(cas(before)).toHaveLength(1);
    const announcedMs = NOW_MS - 2 * OVERLAP_MS;
    const announced = await at(announcedMs, before);
    expect(cas(announced)).toHaveLength(2);
    expect(announced.certificate).toBe(before.certificate);
    expect(await handshakeError(announced, before.caBundle, NAMES[0]!)).toBeUndefined();
    expect(await at(announcedMs + OVERLAP_MS / 2, announced)).toBe(announced);

    const switched = await at(announcedMs + OVERLAP_MS + 1000, announced);
    expect(switched.caBundle).toBe(announced.caBundle);
    expect(await handshakeError(switched, announced.caBundle, NAMES[0]!)).toBeUndefined();
    expect(await handshakeError(switched, before.caBundle, NAMES[0]!)).toBeDefined();
  });

  it('forget a CA when it has ended', async () => {
    const announced = await at(NOW_MS, await at(NOW_MS - 250 * DAY_MS));
    expect(cas(announced)).toHaveLength(2);
    expect(cas(await at(NOW_MS + 116 * DAY_MS, announced))).toHaveLength(1);
  });

  it('are made anew at once where the old ones have ended or cannot be read', async () => {
    const longGone = await at(NOW_MS - 400 * DAY_MS);
    const good = await at(NOW_MS);
    const broken = [
      longGone,
      { ...good, caBundle: 'x', caKey: 'x' },
      { ...good, certificate: 'x' },
      { ...good, key: (await at(NOW_MS)).key },
      { ...good, caBundle: (await at(NOW_MS)).caBundle },
    ];
    for (const set of broken) {
      const renewed = await at(NOW_MS, set);
      expect(await handshakeError(renewed, renewed.caBundle, NAMES[0]!)).toBeUndefined();
      expect(await at(NOW_MS, renewed)).toBe(renewed);
    }
  });

  it('of another program, as upstream’s manager left them, are served until everybody has learnt of ours', async () => {
    const validity = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS + 300 * DAY_MS };
    const ca = await issueCa('somebody-else', validity);
    const serving = await issueServing({ names: NAMES }, validity, ca);
    const found = { caBundle: ca.certificate, caKey: ca.key, ...serving };
    const announcedMs = NOW_MS - 2 * OVERLAP_MS;
    const announced = await at(announcedMs, found);
    expect(cas(announced).map(({ subject }) => subject)).toEqual(['CN=telemetry-webhook-ca', 'CN=somebody-else']);
    expect(announced.certificate).toBe(serving.certificate);
    const switched = await at(NOW_MS, announced);
    expect(new X509Certificate(switched.certificate).issuer).toBe('CN=telemetry-webhook-ca');
    expect(await handshakeError(switched, announced.caBundle, NAMES[0]!)).toBeUndefined();
  });

  it('cover another name as soon as it is asked for', async () => {
    const set = await renewedCertificates(await at(NOW_MS), { names: ['other.sluice.svc'], nowMs: NOW_MS });
    expect(await handshakeError(set, set.caBundle, 'other.sluice.svc')).toBeUndefined();
  });
});

describe('an issued certificate', () => {
  it('has the fields that a verifier looks at', async () => {
    const validity = { fromMs: Date.UTC(2049, 11, 31), toMs: Date.UTC(2051, 0, 1, 12, 30, 5) };
    const ca = await issueCa('an-authority', validity);
    const names = ['a.b.svc', '10.0.0.1', '2001:db8::5'];
    const leaf = new X509Certificate((await issueServing({ names }, validity, ca)).certificate);
    expect(leaf.subjectAltName).toBe('DNS:a.b.svc, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:5');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect([leaf.ca, new X509Certificate(ca.certificate).ca]).toEqual([false, true]);
    expect(new Date(leaf.validFrom).toISOString()).toBe('2049-12-31T00:00:00.000Z');
    expect(new Date(leaf.validTo).toISOString()).toBe('2051-01-01T12:30:05.000Z');
    expect(leaf.issuer).toBe('CN=an-authority');
    expect(leaf.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
  });
});
