import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { issueCa, issueServing, type Validity } from './certificate.ts';

/** What the Secret of the webhooks holds, all PEM. */
export interface CertificateSet {
  /** What the API server is told to trust: the newest CA first, then those before it until they end. */
  readonly caBundle: string;
  /** Of the newest CA. */
  readonly caKey: string;
  readonly certificate: string;
  readonly key: string;
}

export interface RenewalOptions {
  /** What the API server calls the webhooks: DNS names and addresses. */
  readonly names: readonly string[];
  /** Wall clock. */
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CA_LIFETIME_MS = 365 * DAY_MS;
const CA_RENEWAL_MS = 120 * DAY_MS;
const SERVING_LIFETIME_MS = 90 * DAY_MS;
const SERVING_RENEWAL_MS = 30 * DAY_MS;

/** Clocks of the control plane may be behind ours. */
const BACKDATED_MS = 5 * 60_000;

/** A new CA is in all configurations for so long before it signs what is served. */
export const OVERLAP_MS = HOUR_MS;

const CA_NAME = 'telemetry-webhook-ca';

/**
 * What the set must be now; the same object where nothing is due. A new CA comes first, and what it signs an overlap later, so that
 * at any moment what is served was signed by a CA that the API server has known for a while. Whatever cannot be read is replaced.
 */
export async function renewedCertificates(
  current: CertificateSet | undefined,
  options: RenewalOptions,
): Promise<CertificateSet> {
  const withCa = await withCurrentCa(current, options.nowMs);
  const ca = authorities(withCa.caBundle)[0]!;
  const serving = servingOf(withCa);
  const isUsable = serving !== undefined && isServable(serving, withCa, options);
  const signedByNewest = serving !== undefined && isSignedBy(serving, ca);
  const overlapEndsMs = Date.parse(ca.validFrom) + BACKDATED_MS + OVERLAP_MS;
  const isDue = serving !== undefined && endsWithin(serving, SERVING_RENEWAL_MS, options.nowMs);
  if (isUsable && (signedByNewest ? !isDue : options.nowMs < overlapEndsMs)) return withCa;
  const validity = validityFrom(options.nowMs, Math.min(SERVING_LIFETIME_MS, Date.parse(ca.validTo) - options.nowMs));
  const issued = await issueServing(options, validity, { certificate: ca.toString(), key: withCa.caKey });
  return { ...withCa, ...issued };
}

async function withCurrentCa(current: CertificateSet | undefined, nowMs: number): Promise<CertificateSet> {
  const known = authorities(current?.caBundle ?? '').filter((ca) => !endsWithin(ca, 0, nowMs));
  const [newest] = known;
  const isGood =
    newest !== undefined &&
    current !== undefined &&
    !endsWithin(newest, CA_RENEWAL_MS, nowMs) &&
    canSign(newest, current.caKey);
  if (isGood && known.length === authorities(current.caBundle).length) return current;
  const kept = known.map((ca) => ca.toString());
  if (isGood) return { ...current, caBundle: kept.join('') };
  const { certificate, key } = await issueCa(CA_NAME, validityFrom(nowMs, CA_LIFETIME_MS));
  return {
    caBundle: [certificate, ...kept].join(''),
    caKey: key,
    certificate: current?.certificate ?? '',
    key: current?.key ?? '',
  };
}

function validityFrom(nowMs: number, lifetimeMs: number): Validity {
  return { fromMs: nowMs - BACKDATED_MS, toMs: nowMs + lifetimeMs };
}

/** What can be read of a bundle, in its order. */
function authorities(bundle: string): readonly X509Certificate[] {
  const texts = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return texts.flatMap((text) => readCertificate(text) ?? []).filter(({ ca }) => ca);
}

function servingOf({ certificate, key }: CertificateSet): X509Certificate | undefined {
  const read = readCertificate(certificate);
  return read !== undefined && matches(read, key) ? read : undefined;
}

function isServable(serving: X509Certificate, set: CertificateSet, { names, nowMs }: RenewalOptions): boolean {
  return (
    !endsWithin(serving, 0, nowMs) &&
    names.every((name) => covers(serving, name)) &&
    authorities(set.caBundle).some((ca) => isSignedBy(serving, ca))
  );
}

function covers(serving: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? serving.checkHost(name) : serving.checkIP(name)) !== undefined;
}

function isSignedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

/** Upstream's CA has an RSA key: it stays trusted until it ends, and signs nothing more. */
function canSign(ca: X509Certificate, key: string): boolean {
  return ca.subject === `CN=${CA_NAME}` && ca.publicKey.asymmetricKeyType === 'ec' && matches(ca, key);
}

function endsWithin(certificate: X509Certificate, spanMs: number, nowMs: number): boolean {
  return Date.parse(certificate.validTo) - nowMs <= spanMs;
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // replaced
  }
}

function matches(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false; // replaced
  }
}
