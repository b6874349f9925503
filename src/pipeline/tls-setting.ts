import type { OtlpOutput } from '../apis/index.ts';
import type { Path } from '../diagnostics/index.ts';
import { type CertificateRole, expiryProblem } from './certificate-expiry.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { SecretText, TlsSetting } from './graph.ts';
import { certificateProblem, privateKeyProblem, withLineBreaks } from './pem.ts';
import type { SecretValues, TextCheck, ValueSource } from './secret-values.ts';

type TlsConfig = OtlpOutput['tls'];

/** TLS of a connection; `path` is that of the `tls` field. Certificates that plain text has no use for are not looked at. */
export function resolveTls(path: Path, tls: TlsConfig, insecure: boolean, values: SecretValues): TlsSetting {
  const flags = { insecure, insecureSkipVerify: tls?.insecureSkipVerify === true };
  if (insecure || tls === undefined) return flags;
  const { certificates } = values.options;
  const readable = (pem: string) =>
    certificateProblem(pem) ?? (certificates?.canRead(pem) === false ? 'cannot be read' : undefined);
  const pem = (field: 'ca' | 'cert' | 'key', problemOf: (pem: string) => string | undefined) =>
    tls[field] === undefined ? undefined : readPem([...path, field], tls[field], values, invalid(problemOf));
  const [ca, cert] = [pem('ca', readable), pem('cert', readable)];
  checkExpiry([...path, 'ca'], ca, 'ca', values);
  checkExpiry([...path, 'cert'], cert, 'client', values);
  const key = pem('key', (text) => privateKeyProblem(text) ?? foreignKeyProblem(cert?.text, text, certificates));
  return {
    ...flags,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

function checkExpiry(path: Path, text: SecretText | undefined, role: CertificateRole, values: SecretValues): void {
  if (text !== undefined) values.check(path, text, (pem) => expiryProblem(pem, role, values.options));
}

function readPem(path: Path, source: ValueSource, values: SecretValues, check: TextCheck): SecretText {
  const read = values.read(path, source);
  const text = read.text === undefined ? read : { ...read, text: withLineBreaks(read.text) };
  values.check(path, text, check);
  return text;
}

function invalid(problemOf: (pem: string) => string | undefined): TextCheck {
  return (pem) => {
    const problem = problemOf(pem);
    if (problem === undefined) return undefined;
    return { code: 'SL0407', message: `${problem} (TLSConfigurationInvalid)`, help: 'see `sluice explain SL0407`' };
  };
}

/** A certificate that is none is reported as such; whose key it is does not matter then. */
function foreignKeyProblem(cert: string | undefined, key: string, facts?: CertificateFacts): string | undefined {
  if (cert === undefined || facts === undefined || certificateProblem(cert) !== undefined || !facts.canRead(cert))
    return;
  return facts.belongTogether(cert, key) ? undefined : 'does not belong to the certificate, or cannot be read';
}
