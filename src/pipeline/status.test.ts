import { describe, expect, it } from 'vitest';
import { readResources } from '../apis/index.ts';
import { CODES, type Issue, REASONS } from '../diagnostics/index.ts';
import { pipelineStatus } from './status.ts';

const IDENTITY = { kind: 'LogPipeline', name: 'a' } as const;

function issue(code: string, message = 'x', severity: Issue['severity'] = 'error'): Issue {
  return { code, severity, message };
}

function statusOf(issues: readonly Issue[], spec?: object) {
  if (spec === undefined) return pipelineStatus(IDENTITY, { issues });
  const manifest = {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: IDENTITY.kind,
    metadata: { name: 'a' },
    spec,
  };
  const [loaded] = readResources([{ file: 'a.yaml', text: JSON.stringify(manifest) }]).resources;
  return pipelineStatus(IDENTITY, { resource: loaded!.resource, issues });
}

const reasonOf = (issues: readonly Issue[]) => statusOf(issues).conditions[0]!.reason;

describe('the condition ConfigurationGenerated', () => {
  it('has a reason that is explained, for every code', () => {
    const known = REASONS.map(({ reason }) => reason);
    for (const { code } of CODES) expect(known).toContain(reasonOf([issue(code)]));
  });

  it.each([
    [['SL0205', 'SL0110', 'SL0401'], 'ReferencedSecretMissing'],
    [['SL0205', 'SL0407', 'SL0110'], 'EndpointInvalid'],
    [['SL0405', 'SL0409'], 'TLSCertificateExpired'],
    [['SL0201', 'SL0405'], 'MaxPipelinesExceeded'],
    [['SL0104', 'SL0201'], 'OTTLSpecInvalid'],
    [['SL0104', 'SL0118'], 'RuntimeAdditionalMetricInvalid'],
    [['SL0104', 'SL0000'], 'ValidationFailed'],
  ])('of %j tells what upstream looks at first: %s', (codes, reason) => {
    expect(reasonOf(codes.map((code) => issue(code)))).toBe(reason);
  });

  it('tells the first mistake of that reason, where it stands, and how many there are besides', () => {
    const mistake: Issue = {
      ...issue('SL0401', 'Secret `a/b` not found (ReferencedSecretMissing)'),
      path: ['spec', 'x'],
    };
    const [condition] = statusOf([issue('SL0201'), mistake, issue('SL0402')]).conditions;
    expect(condition!.message).toBe('spec.x: Secret `a/b` not found; and 2 more mistakes');
  });

  it('says nothing of commands, which nobody runs in a cluster', () => {
    const help = 'see `sluice explain SL0407`';
    expect(statusOf([{ ...issue('SL0407', 'no PEM'), help }]).conditions[0]!.message).toBe('no PEM');
    expect(statusOf([{ ...issue('SL0407', 'no PEM'), help: 'write it' }]).conditions[0]!.message).toBe(
      'no PEM (write it)',
    );
  });

  it('is true while a certificate is about to expire', () => {
    const [condition] = statusOf([issue('SL0410', 'expires on 2026-12-01', 'warning')], {
      output: { stdout: {} },
    }).conditions;
    expect(condition).toMatchObject({ status: 'True', reason: 'TLSCertificateAboutToExpire' });
  });

  it('is true with warnings', () => {
    const [condition] = statusOf([issue('SL0305', 'x', 'warning')], { output: { stdout: {} } }).conditions;
    expect(condition).toMatchObject({ status: 'True', reason: 'GatewayConfigured' });
  });
});

describe('unsupported mode', () => {
  const http = { http: { host: { value: 'a' } } };

  it.each([
    ['a custom output', { output: { custom: 'Name null' } }, true],
    ['a custom filter', { filters: [{ custom: 'Name grep\nRegex log a' }], output: http }, true],
    ['an output of ours', { output: http }, false],
    ['the Collector', { output: { stdout: {} } }, undefined],
  ])('with %s', (_, spec, expected) => {
    expect(statusOf([], spec).unsupportedMode).toBe(expected);
  });
});
