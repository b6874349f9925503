import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../test/testkit/tls/authority.ts';
import { readResources } from '../apis/index.ts';
import { certificateFacts } from '../cli/certificate-facts.ts';
import { resolve } from './resolve.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 22, 12);
const authority = createAuthority();

const endingIn = (days: number) =>
  authority.issue({ notBefore: new Date(NOW - 90 * DAY_MS), notAfter: new Date(NOW + days * DAY_MS) });

/** What a pipeline of which this is the TLS says, and whether it is left out. */
function found(tls: object, secret: Readonly<Record<string, string>> = {}, output = 'otlp') {
  const documents = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tls', namespace: 'obs' }, stringData: secret },
    {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'MetricPipeline',
      metadata: { name: 'p' },
      spec: { output: { [output]: { endpoint: { value: 'https://backend:4317' }, tls } } },
    },
  ];
  const text = documents.map((document) => JSON.stringify(document, null, 1)).join('\n---\n');
  const read = readResources([{ file: 'a.yaml', text }]);
  expect(read.issues).toEqual([]);
  const options = { secrets: read.secrets, certificates: certificateFacts, nowMs: NOW };
  const { graph, issues } = resolve(read.resources[0]!, options);
  const lines = text.split('\n');
  return {
    runs: graph !== undefined,
    issues: issues.map(({ code, severity, message }) => `${severity} ${code}: ${message}`),
    places: issues.map(({ span }) => lines[span!.line - 1]?.trim().slice(0, 12)),
  };
}

const client = ({ certPem, keyPem }: { readonly certPem: string; readonly keyPem: string }) => ({
  cert: { value: certPem },
  key: { value: keyPem },
});

describe('certificates and time', () => {
  it('an expired client certificate is an error at its line, and the pipeline is left out', () => {
    const { runs, issues, places } = found(client(endingIn(-1)));
    expect(runs).toBe(false);
    expect(issues).toEqual([
      'error SL0409: `spec.output.otlp.tls.cert` expired at 2026-11-21 12:00 UTC (TLSCertificateExpired)',
    ]);
    expect(places).toEqual(['"value": "--']);
  });

  it('one that expires within two weeks is told with its date, and the pipeline runs', () => {
    expect(found(client(endingIn(9)))).toMatchObject({
      runs: true,
      issues: [
        'warning SL0410: `spec.output.otlp.tls.cert` expires in 9 days, at 2026-12-01 12:00 UTC (TLSCertificateAboutToExpire)',
      ],
    });
    expect(found(client(endingIn(15)))).toMatchObject({ runs: true, issues: [] });
  });

  it('one of a Secret points at the key of the Secret', () => {
    const { certPem, keyPem } = endingIn(-1);
    const from = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'tls', namespace: 'obs', key } } });
    const { runs, places } = found({ cert: from('crt'), key: from('key') }, { crt: certPem, key: keyPem });
    expect([runs, places]).toEqual([false, ['"key": "crt"']]);
  });

  it('of a CA bundle one that is valid is enough', () => {
    const [old, current] = [endingIn(-1).certPem, endingIn(100).certPem];
    expect(found({ ca: { value: old + current } })).toMatchObject({ runs: true, issues: [] });
    expect(found({ ca: { value: old } })).toMatchObject({ runs: false });
  });

  it('of a client only its own certificate counts, not those behind it', () => {
    const own = endingIn(100);
    const chain = { ...own, certPem: own.certPem + endingIn(-1).certPem };
    expect(found(client(chain))).toMatchObject({ runs: true, issues: [] });
  });

  it('holds for remote write, too', () => {
    expect(found({ ca: { value: endingIn(-1).certPem } }, {}, 'prometheusRemoteWrite').issues).toEqual([
      'error SL0409: `spec.output.prometheusRemoteWrite.tls.ca` expired at 2026-11-21 12:00 UTC (TLSCertificateExpired)',
    ]);
  });

  it('text that is no certificate is told as that alone', () => {
    expect(found({ ca: { value: 'ca.crt' } }).issues.map((issue) => issue.slice(0, 12))).toEqual(['error SL0407']);
  });
});
