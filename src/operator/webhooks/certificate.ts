import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { Extension, JsonGeneralName, X509Certificate } from '@peculiar/x509';

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

type X509 = typeof import('@peculiar/x509');

/** ECDSA on P-256, which API servers of all ages know. */
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A CA of its own, with a new key. */
export async function issueCa(commonName: string, validity: Validity): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const extensions = [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
  ];
  const name = new x509.Name(nameOf(commonName));
  const content = { subject: name, issuer: name, ...datesOf(validity), extensions };
  return certified(x509, { ...content, keys, signingKey: keys.privateKey });
}

/** A certificate for a TLS server, with a new key, signed by a CA of `issueCa`. */
export async function issueServing(
  { names }: ServingSubject,
  validity: Validity,
  ca: CertifiedKey,
): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const authority = new x509.X509Certificate(ca.certificate);
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
    ...authorityOf(x509, authority),
  ];
  // The issuer is the very bytes of the CA's subject: API servers compare them as such.
  const content = { subject: nameOf(names[0]!), issuer: authority.subjectName, ...datesOf(validity), extensions };
  return certified(x509, { ...content, keys, signingKey: await privateKeyOf(x509, ca.key) });
}

/**
 * The library is there only in the process that issues, and from then on: a replica that finds good certificates does not load it.
 * It wants a polyfill before it.
 */
async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}

interface Content {
  readonly subject: InstanceType<X509['Name']> | ReturnType<typeof nameOf>;
  readonly issuer: InstanceType<X509['Name']>;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: Extension[];
  readonly keys: webcrypto.CryptoKeyPair;
  readonly signingKey: webcrypto.CryptoKey;
}

async function certified(x509: X509, { keys, ...content }: Content): Promise<CertifiedKey> {
  const certificate = await x509.X509CertificateGenerator.create(
    { ...content, publicKey: keys.publicKey, signingAlgorithm: SIGNING_ALGORITHM },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(key, x509.PemConverter.PrivateKeyTag)}\n`,
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
}

function privateKeyOf(x509: X509, pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), KEY_ALGORITHM, false, ['sign']);
}

function datesOf({ fromMs, toMs }: Validity): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(fromMs), notAfter: new Date(toMs) };
}

/** One common name; longer ones than 64 characters are not allowed, and nobody reads it where there are alternative names. */
function nameOf(commonName: string): { CN: string[] }[] {
  return [{ CN: [commonName.slice(0, 64)] }];
}

function alternativeName(name: string): JsonGeneralName {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

/** Names the CA's key as the CA itself does, so that verifiers find it whatever program made it. */
function authorityOf(x509: X509, ca: X509Certificate): Extension[] {
  const own = ca.getExtension(x509.SubjectKeyIdentifierExtension);
  return own === null ? [] : [new x509.AuthorityKeyIdentifierExtension(own.keyId)];
}
