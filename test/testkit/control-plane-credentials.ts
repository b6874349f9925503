import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from './tls/authority.ts';

/** What the programs of a cluster know each other by, as files in one folder. */
export interface ClusterCredentials {
  readonly caPem: string;
  /** Of a user in the group system:masters. */
  readonly token: string;
  readonly tokenFile: string;
  readonly caFile: string;
  readonly serving: CertificateFiles;
  /** The API server's own, for kubelets; in the group system:masters. */
  readonly kubeletClient: CertificateFiles;
  readonly serviceAccountKeyFile: string;
  readonly serviceAccountPublicKeyFile: string;
  /** A certificate of the cluster's authority for these addresses and names. */
  issue(name: string, addresses: readonly string[]): CertificateFiles;
}

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const YEAR_MS = 365 * 86_400_000;
const API_SERVER_NAMES = [
  'localhost',
  '127.0.0.1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** `addresses` are those of the API server beside localhost. */
export function writeClusterCredentials(folder: string, addresses: readonly string[]): ClusterCredentials {
  // A cluster that somebody works with stays up for longer than a test.
  const notAfter = new Date(Date.now() + YEAR_MS);
  const authority = createAuthority('kubernetes', { notAfter });
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const issue = (name: string, names: readonly string[], organization?: string): CertificateFiles => {
    const subject = organization === undefined ? {} : { organization };
    const { certPem, keyPem } = authority.issue({ commonName: name, names, notAfter, ...subject });
    return { certFile: write(`${name}.crt`, certPem), keyFile: write(`${name}.key`, keyPem) };
  };
  const serviceAccount = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const token = randomBytes(24).toString('hex');
  return {
    caPem: authority.certPem,
    token,
    tokenFile: write('tokens.csv', `${token},admin,admin,"system:masters"\n`),
    caFile: write('ca.crt', authority.certPem),
    serving: issue('kube-apiserver', [...API_SERVER_NAMES, ...addresses]),
    kubeletClient: issue('kube-apiserver-kubelet-client', [], 'system:masters'),
    serviceAccountKeyFile: write(
      'service-accounts.key',
      serviceAccount.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
    serviceAccountPublicKeyFile: write(
      'service-accounts.pub',
      serviceAccount.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ),
    issue: (name, names) => issue(name, names),
  };
}

/** A kubeconfig with everything in it, for one user of one cluster; the context is called `sluice-test`. */
export function writeKubeconfig(path: string, url: string, { caPem, token }: ClusterCredentials): string {
  const data = Buffer.from(caPem).toString('base64');
  const text = `apiVersion: v1
kind: Config
current-context: sluice-test
clusters: [{name: sluice-test, cluster: {server: "${url}", certificate-authority-data: ${data}}}]
users: [{name: admin, user: {token: ${token}}}]
contexts: [{name: sluice-test, context: {cluster: sluice-test, user: admin}}]
`;
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
