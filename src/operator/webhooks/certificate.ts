import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import {
  bitString,
  boolean,
  context,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts';

/** A certificate and the private key of it, both PEM. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ServingSubject {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
}

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** Bits of the key usage extension, RFC 5280, 4.2.1.3, first bit first. */
const DIGITAL_SIGNATURE = bitString(Buffer.from([0x80]), 7);
const CERT_AND_CRL_SIGN = bitString(Buffer.from([0x06]), 1);

/** A CA of its own, with a new key: ECDSA on P-256, which API servers of all ages know. */
export function issueCa(commonName: string, validity: Validity): CertifiedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = [
    extension('2.5.29.19', sequence(boolean(true)), { critical: true }),
    extension('2.5.29.15', CERT_AND_CRL_SIGN, { critical: true }),
    extension('2.5.29.14', octetString(keyIdentifier(publicKey))),
  ];
  const name = nameOf(commonName);
  return certified({ issuer: name, subject: name, validity, publicKey, extensions }, privateKey, privateKey);
}

/** A certificate for a TLS server, with a new key, signed by a CA of `issueCa`. */
export function issueServing(
  { names }: ServingSubject,
  validity: Validity,
  ca: CertifiedKey & { readonly commonName: string },
): CertifiedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caKey = createPrivateKey(ca.key);
  const extensions = [
    extension('2.5.29.19', sequence(), { critical: true }),
    extension('2.5.29.15', DIGITAL_SIGNATURE, { critical: true }),
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...names.map(alternativeName))),
    extension('2.5.29.35', sequence(context(0, keyIdentifier(createPublicKey(caKey)), 'implicit'))),
  ];
  const issuer = nameOf(ca.commonName);
  return certified({ issuer, subject: nameOf(names[0]!), validity, publicKey, extensions }, privateKey, caKey);
}

interface Content {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certified(
  { issuer, subject, validity, publicKey, extensions }: Content,
  key: KeyObject,
  signer: KeyObject,
): CertifiedKey {
  const content = sequence(
    context(0, integer(Buffer.from([2])), 'explicit'), // version 3
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(validity.fromMs), time(validity.toMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions), 'explicit'),
  );
  const certificate = sequence(content, ECDSA_WITH_SHA256, bitString(sign('sha256', content, signer)));
  return { certificate: pem(certificate), key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
}

function extension(id: string, value: Buffer, { critical = false } = {}): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** One common name; longer ones than 64 characters are not allowed, and nobody reads it where there are alternative names. */
function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName.slice(0, 64)))));
}

function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return context(7, Buffer.from(name.split('.').map(Number)), 'implicit');
  if (isIPv6(name)) return context(7, ipv6Bytes(name), 'implicit');
  return context(2, Buffer.from(name), 'implicit');
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = new SocketAddress({ address, family: 'ipv6' }).address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':')).map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return Buffer.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]));
}

/** SHA-1 of the public key: an identifier, no signature (RFC 5280, 4.2.1.2). */
function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
