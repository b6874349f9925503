import { readFileSync } from 'node:fs';

/** A self-signed certificate for localhost and 127.0.0.1 that no system trusts; its key protects nothing. */
export function localhostCertificate(): { readonly cert: string; readonly key: string } {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
  return { cert: read('localhost.cert.pem'), key: read('localhost.key.pem') };
}
