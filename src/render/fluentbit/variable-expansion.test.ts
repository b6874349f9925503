// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of users, which Fluent Bit would expand
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { parseClassic } from '../../fluentbit/index.ts';
import { podAddresses } from '../otelcol/pod-addresses.ts';
import { CONFIG_FILE, PARSERS_FILE } from './names.ts';

/** As Fluent Bit 5.1.1 does it: a variable ends at the first `}` behind where the last one ended, wherever it begins. */
function expand(value: string, environment: Readonly<Record<string, string>>): string {
  let expanded = '';
  let from = 0;
  let end = -1;
  for (;;) {
    const start = value.indexOf('${', from);
    if (start < 0) break;
    end = value.indexOf('}', from);
    if (end <= start + 2) break;
    expanded += value.slice(from, start) + (environment[value.slice(start + 2, end)] ?? '');
    from = end + 1;
  }
  return from === 0 ? value : expanded + value.slice(end + 1);
}

const TOKEN = 'a} ${HOME} $1';

/** What arrives in an option of the output of a pipeline. */
function arriving(option: string, output: object): string | undefined {
  const valueFrom = { secretKeyRef: { name: 's', namespace: 'obs', key: 'token' } };
  const documents = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'obs' }, stringData: { token: TOKEN } },
    {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'LogPipeline',
      metadata: { name: 'a' },
      spec: {
        output,
        variables: [
          { name: 'TOKEN', valueFrom },
          { name: 'to.ken', valueFrom },
        ],
      },
    },
  ];
  const text = documents.map((document) => JSON.stringify(document)).join('\n---\n');
  const { fluentBit, issues } = compileFiles([{ file: 'a.yaml', text }], {
    distribution: 'otelcol',
    cluster: { namespace: 'kyma-system', istio: false },
    addresses: podAddresses,
  });
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { sections } = parseClassic(fluentBit!.files[CONFIG_FILE]!);
  const entry = sections.at(-1)!.entries.find(({ key }) => key === option);
  return entry === undefined ? undefined : expand(entry.value, fluentBit!.secrets);
}

const part = fc.constantFrom('${TOKEN}', '${to.ken}', '}', '{', '$', '$$', 'a', ' b ', '\\', '"', '$1', '%7D');
const text = fc
  .array(part, { minLength: 1, maxLength: 8 })
  .map((parts) => `x${parts.join('')}y`)
  .filter((value) => !/\$\{(?!TOKEN\}|to\.ken\})/.test(value));

it.each(['uri', 'header', 'http_passwd'])('what a user writes in %s arrives, with its variables replaced', (option) => {
  fc.assert(
    fc.property(text, (written) => {
      const value = option === 'header' ? `X-Name ${written}` : written;
      expect(arriving(option, { custom: `Name http\n${option} ${value}` })).toBe(
        value.replace(/\$\{(?:TOKEN|to\.ken)\}/g, () => TOKEN),
      );
    }),
    { numRuns: 60, examples: [['x{"a":{"b":1},"c":"${TOKEN}"}y'], ['x}${TOKEN}}${to.ken}y']] },
  );
});

it('nothing in the fields of an http output is a variable', () => {
  const field = fc
    .array(fc.oneof(part, fc.constantFrom('${HOME}', '${TOKEN', '${}', '${SLUICE_FLB_A_http_password}')), {
      minLength: 1,
    })
    .map((parts) => parts.join('').replaceAll(' ', '_'));
  fc.assert(
    fc.property(field, field, field, (path, user, password) => {
      const uri = `/${path}`;
      const http = { host: { value: 'backend' }, uri, user: { value: user }, password: { value: password } };
      expect(arriving('uri', { http })).toBe(uri);
      expect(arriving('http_user', { http })).toBe(user);
      expect(arriving('http_passwd', { http })).toBe(password);
    }),
    { numRuns: 40 },
  );
});

it.each(['$1', '$$1', 'a$', '{2,3}$', '}$'])('a LogParser keeps %s in its pattern', (text) => {
  const regex = `^(?<a>.*)${text}`;
  const parser = {
    apiVersion: 'telemetry.kyma-project.io/v1alpha1',
    kind: 'LogParser',
    metadata: { name: 'mine' },
    spec: { parser: `Format regex\nRegex ${regex}` },
  };
  const pipeline = {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name: 'a' },
    spec: { output: { custom: 'Name null' } },
  };
  const { fluentBit } = compileFiles(
    [{ file: 'a.yaml', text: `${JSON.stringify(parser)}\n---\n${JSON.stringify(pipeline)}` }],
    {
      distribution: 'otelcol',
      cluster: { namespace: 'kyma-system', istio: false },
      addresses: podAddresses,
    },
  );
  const { sections } = parseClassic(fluentBit!.files[PARSERS_FILE]!);
  const written = sections.at(-1)!.entries.find(({ key }) => key === 'regex')!.value;
  expect(expand(written, {})).toBe(regex);
});
