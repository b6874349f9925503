import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its key, as PEM texts. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateOptions {
  /** Subject; DNS names and IP addresses it is for. */
  readonly commonName?: string;
  /** What Kubernetes takes for a group of the client. */
  readonly organization?: string;
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate authority that exists for one test. */
export interface Authority {
  readonly certPem: string;
  issue(options?: CertificateOptions): KeyPair;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const DEFAULT_NAMES = ['localhost', '127.0.0.1', '127.0.0.2', '127.0.0.3'];
const DAY_MS = 86_400_000;

/** Real X.509 over a real key; expired, foreign or misnamed certificates are a matter of the options. */
export function createAuthority(
  commonName = 'test CA',
  validity: Pick<CertificateOptions, 'notBefore' | 'notAfter'> = {},
): Authority {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = { name: commonName, key: privateKey };
  const certPem = certificate(authority, privateKey, { ...validity, commonName, names: [] }, true);
  return { certPem, issue: (options = {}) => issue(authority, options) };
}

/** One that nobody signed but itself. */
export function selfSigned(options: CertificateOptions = {}): KeyPair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = options.commonName ?? 'self';
  return issue({ name, key: privateKey }, { ...options, commonName: name }, privateKey);
}

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

function issue(issuer: Issuer, options: CertificateOptions, ownKey?: KeyObject): KeyPair {
  const key = ownKey ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certPem: certificate(issuer, key, options, false), keyPem };
}

function certificate(issuer: Issuer, key: KeyObject, options: CertificateOptions, isAuthority: boolean): string {
  const { commonName = 'test', organization, names = DEFAULT_NAMES } = options;
  const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + DAY_MS) } = options;
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const extensions = [
    ...(isAuthority ? [extension(BASIC_CONSTRAINTS, sequence(der(0x01, [0xff])))] : []),
    ...(names.length > 0 ? [extension(SUBJECT_ALT_NAME, sequence(...names.map(generalName)))] : []),
  ];
  const toSign = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01, ...randomBytes(8)]),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(commonName, organization),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', toSign, issuer.key);
  const text = sequence(toSign, algorithm, der(0x03, [0, ...signature])).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${text.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([Buffer.from([tag, ...derLength(body.length)]), body]);
}

/** The shortest form, which Go insists on. */
function derLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((value) => {
    const out = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) out.unshift((left & 0x7f) | 0x80);
    return out;
  });
  return der(0x06, [first * 40 + second, ...bytes]);
}

function distinguishedName(commonName: string, organization?: string): Buffer {
  const attribute = (id: string, value: string) => der(0x31, sequence(oid(id), der(0x0c, Buffer.from(value))));
  const organizations = organization === undefined ? [] : [attribute(ORGANIZATION, organization)];
  return sequence(...organizations, attribute(COMMON_NAME, commonName));
}

function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  const isShort = at.getUTCFullYear() < 2050;
  return der(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits));
}

function generalName(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, name.split('.').map(Number));
  return der(0x82, Buffer.from(name));
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), der(0x01, [0xff]), der(0x04, value));
}
