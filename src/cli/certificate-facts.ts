import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../pipeline/index.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** What OpenSSL says; the stock Collector's library reads no less. */
export const certificateFacts: CertificateFacts = {
  canRead: (pem) =>
    (pem.match(CERTIFICATE) ?? []).every((one) => succeeds(() => new X509Certificate(one) !== undefined)),
  belongTogether: (certificates, key) =>
    succeeds(() => new X509Certificate(certificates).checkPrivateKey(createPrivateKey(key))),
  expiries(pem) {
    try {
      return (pem.match(CERTIFICATE) ?? []).map((one) => Date.parse(new X509Certificate(one).validTo));
    } catch {
      return []; // what cannot be read is told by canRead
    }
  },
};

function succeeds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false; // the library throws at what it cannot read
  }
}
