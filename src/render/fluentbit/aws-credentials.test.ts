import { expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { podAddresses } from '../otelcol/pod-addresses.ts';
import { AWS_CREDENTIALS_FILE, CONFIG_FILE } from './names.ts';

const variable = (name: string, secret: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, namespace: 'obs', key: name } },
});

function pipeline(name: string, custom: string, secret?: string) {
  const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name },
    spec: { output: { custom }, variables: secret === undefined ? [] : keys.map((key) => variable(key, secret)) },
  };
}

function secretOf(name: string, id: string) {
  const stringData = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: `${id}-key\n` };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'obs' }, stringData };
}

function rendered(...documents: readonly object[]) {
  const text = documents.map((document) => JSON.stringify(document)).join('\n---\n');
  const { fluentBit, issues } = compileFiles([{ file: 'a.yaml', text }], {
    distribution: 'otelcol',
    cluster: { namespace: 'kyma-system', istio: false },
    addresses: podAddresses,
  });
  const profiles = (fluentBit?.files[CONFIG_FILE] ?? '').match(/ (?:aws_)?profile +\S+/g) ?? [];
  return { fluentBit, issues, profiles: profiles.map((line) => line.trim().replace(/ +/, ' ')) };
}

const CLOUDWATCH = 'Name cloudwatch_logs\nregion eu\nlog_group_name a\nlog_stream_prefix b\nauto_create_group on';

it('an output of AWS signs with what its own pipeline declares, without naming it', () => {
  const { fluentBit, profiles, issues } = rendered(
    pipeline('shop', CLOUDWATCH, 'one'),
    pipeline('bank.eu', 'Name es\nHost a\nAws_Auth on\nAws_Region eu', 'two'),
    pipeline('other', CLOUDWATCH),
    pipeline('plain', 'Name es\nHost a', 'two'),
    secretOf('one', 'ONE'),
    secretOf('two', 'TWO'),
  );
  expect(issues).toEqual([]);
  expect(profiles.sort()).toEqual(['aws_profile sluice-bank_eu', 'profile sluice-shop']);
  expect(fluentBit!.secretFiles[AWS_CREDENTIALS_FILE]!.text!.split('\n')).toEqual([
    '[sluice-bank_eu]',
    'aws_access_key_id=TWO',
    'aws_secret_access_key=TWO-key',
    '[sluice-shop]',
    'aws_access_key_id=ONE',
    'aws_secret_access_key=ONE-key',
    '',
  ]);
  expect(fluentBit!.secrets['AWS_SHARED_CREDENTIALS_FILE']).toBe(AWS_CREDENTIALS_FILE);
  expect(Object.values(fluentBit!.files).join()).not.toContain('ONE');
});

it('what a Secret holds opens no profile of another pipeline', () => {
  const { fluentBit } = rendered(
    pipeline('a', CLOUDWATCH, 'one'),
    secretOf('one', 'ONE\n[sluice-b]\naws_access_key_id=EVIL'),
  );
  expect(fluentBit!.secretFiles[AWS_CREDENTIALS_FILE]!.text).not.toMatch(/sluice-b|EVIL/);
});

it('nobody names the profile of another pipeline', () => {
  const { issues, fluentBit } = rendered(pipeline('b', `${CLOUDWATCH}\nProfile sluice-a`));
  expect(issues.map(({ code }) => code)).toEqual(['SL0134']);
  expect(fluentBit).toBeUndefined();
});

it('without credentials there is no file', () => {
  const { fluentBit } = rendered(pipeline('a', CLOUDWATCH));
  expect(fluentBit!.secretFiles).toEqual({});
  expect(fluentBit!.secrets).toEqual({});
});
