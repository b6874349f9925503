import type { OtlpOutput } from '../apis/index.ts';
import type { Path } from '../diagnostics/index.ts';
import type { SecretText, TlsSetting } from './graph.ts';
import { certificateProblem, privateKeyProblem, withLineBreaks } from './pem.ts';
import { isGiven, type SecretValues, type TextCheck, type ValueSource } from './secret-values.ts';

type TlsConfig = OtlpOutput['tls'];

/** TLS of a connection; `path` is that of the `tls` field. Certificates that plain text has no use for are not looked at. */
export function resolveTls(path: Path, tls: TlsConfig, insecure: boolean, values: SecretValues): TlsSetting {
  const flags = { insecure, insecureSkipVerify: tls?.insecureSkipVerify === true };
  if (insecure || tls === undefined) return flags;
  const pem = (field: 'ca' | 'cert' | 'key') => readPem([...path, field], tls[field], CHECKS[field], values);
  const [ca, cert, key] = [pem('ca'), pem('cert'), pem('key')];
  checkPair(path, { cert, key }, values);
  return {
    ...flags,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

const invalid =
  (problemOf: (pem: string) => string | undefined): TextCheck =>
  (pem) => {
    const problem = problemOf(pem);
    if (problem === undefined) return undefined;
    return { code: 'SL0407', message: `${problem} (TLSConfigurationInvalid)`, help: 'see `sluice explain SL0407`' };
  };

const CHECKS = {
  ca: invalid(certificateProblem),
  cert: invalid(certificateProblem),
  key: invalid(privateKeyProblem),
} as const;

function readPem(
  path: Path,
  source: ValueSource | undefined,
  check: TextCheck,
  values: SecretValues,
): SecretText | undefined {
  if (!isGiven(source)) return undefined;
  const read = values.read(path, source);
  const text = read.text === undefined ? read : { ...read, text: withLineBreaks(read.text) };
  values.check(path, text, check);
  return text;
}

function checkPair(
  path: Path,
  pair: { cert: SecretText | undefined; key: SecretText | undefined },
  values: SecretValues,
) {
  if ((pair.cert === undefined) === (pair.key === undefined)) return;
  const [there, missing] = pair.cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  values.report([...path, there!], {
    code: 'SL0407',
    message: `stands without \`${missing}\` (TLSConfigurationInvalid)`,
    label: 'one of two',
    help: `give both \`cert\` and \`key\`, or neither`,
  });
}
