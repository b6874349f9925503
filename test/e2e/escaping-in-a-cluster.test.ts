// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { encodeEnvValue } from '../../src/otelcol/index.ts';
import { podAddresses, renderedYaml } from '../../src/render/index.ts';
import { requirePeer } from '../../testbed/index.ts';

/** Texts that a Collector would expand. */
const CANARIES = [
  '${env:SLUICE_CANARY}',
  '${SLUICE_CANARY}',
  '$${env:SLUICE_CANARY}',
  '${env:SLUICE_CANARY:-x}',
  '${file:/etc/passwd}',
  'a${env:SLUICE_CANARY}b',
  '$1',
  '$$1',
  '$$',
  '} ${env:SLUICE_CANARY}',
];
const CLUSTER = CANARIES.join(' ');
/** As a manifest says it. */
const literal = (value: string) => value.replaceAll('$', '$$$$');
const inRule = (before: string, text: string, after = '') => `${before}${literal(JSON.stringify(text))}${after}`;
const inSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'canaries', namespace: 'test', key } } });

const headers = [
  ...CANARIES.map((value, i) => ({ name: `x-literal-${i}`, value: literal(value) })),
  ...CANARIES.map((value, i) => ({ name: `x-prefix-${i}`, prefix: literal(value), value: 'behind' })),
  ...CANARIES.map((_, i) => ({ name: `x-secret-${i}`, ...inSecret(`canary-${i}`) })),
];
const authentication = {
  oauth2: {
    tokenURL: { value: literal('https://tokens.example.com/$1/${env:SLUICE_CANARY}') },
    clientID: { value: literal('${env:SLUICE_CANARY}') },
    clientSecret: inSecret('canary-0'),
    scopes: CANARIES.filter((value) => !value.includes(' ')).map(literal),
    params: Object.fromEntries(CANARIES.map((value, i) => [value, literal(CANARIES[i]!)])),
  },
};

const RULES = (field: string) => ({
  transform: [
    {
      conditions: CANARIES.map((value) => inRule(`${field}["none"] != `, value)),
      statements: CANARIES.flatMap((value, i) => [
        inRule(`set(${field}["value-${i}"], `, value, ')'),
        inRule(`set(${field}[`, `key-${value}`, `], "${i}")`),
      ]),
    },
  ],
  filter: [{ conditions: CANARIES.map((value) => inRule(`${field}["a"] == `, value)) }],
});

const pipeline = (kind: string, spec: object) => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind,
  metadata: { name: 'all' },
  spec,
});
const otlp = { otlp: { endpoint: { value: 'https://backend:4317' }, headers, authentication } };

const DOCUMENTS = [
  {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: 'kyma-system' },
    spec: {
      enrichments: {
        cluster: { name: literal(CLUSTER) },
        extractPodLabels: CANARIES.flatMap((value) => [{ key: literal(value) }, { keyPrefix: literal(value) }]),
      },
    },
  },
  pipeline('TracePipeline', { ...RULES('span.attributes'), output: otlp }),
  pipeline('LogPipeline', {
    input: { runtime: { enabled: true, containers: { exclude: ['a-*'] } } },
    ...RULES('log.attributes'),
    output: otlp,
  }),
  pipeline('MetricPipeline', {
    input: Object.fromEntries(['prometheus', 'runtime', 'istio'].map((input) => [input, { enabled: true }])),
    ...RULES('datapoint.attributes'),
    output: {
      prometheusRemoteWrite: { endpoint: { value: literal('https://prometheus/$1/${env:SLUICE_CANARY}') }, headers },
    },
  }),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'canaries', namespace: 'test' },
    stringData: Object.fromEntries(CANARIES.map((value, i) => [`canary-${i}`, value])),
  },
];

const otelcol = requirePeer('otelcol');
const run = promisify(execFile);

/** Every text of a configuration, keys too. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [key, ...textsOf(child)]);
}

describe.skipIf(otelcol.status === 'missing').each(['Shared', 'PerSignal', 'PerPipeline'] as const)(
  'user text in the configurations of a cluster, %s',
  (topology) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-escaping-'));
    /** As the real Collector has read it, by workload. */
    const texts = new Map<string, readonly string[]>();
    const holds = (text: string, workloads = [...texts.keys()]) =>
      workloads.filter((workload) => texts.get(workload)!.some((one) => one.includes(text)));

    beforeAll(async () => {
      if (otelcol.status === 'missing') return;
      const text = DOCUMENTS.map((document) => JSON.stringify(document)).join('\n---\n');
      const compiled = compileFiles([{ file: 'a.yaml', text }], {
        distribution: 'otelcol',
        topology,
        capBytes: 2 ** 32,
        addresses: podAddresses,
        cluster: { namespace: 'kyma-system', istio: true },
      });
      expect(compiled.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
      for (const rendered of [...compiled.rendered, ...compiled.agents]) {
        const file = join(folder, `${rendered.workload}.yaml`);
        writeFileSync(file, renderedYaml(rendered));
        const secrets = Object.entries(rendered.secrets).map(([name, value]) => [name, encodeEnvValue(value)] as const);
        const env = { SLUICE_CANARY: 'EXPANDED', ...Object.fromEntries(secrets) };
        const args = ['print-config', '--mode=unredacted', '--format=json', '--validate=false', '--config', file];
        const { stdout } = await run(otelcol.path, args, { env, maxBuffer: 2 ** 26 });
        texts.set(rendered.workload, textsOf(JSON.parse(stdout)));
      }
    });

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('is never expanded', () => {
      const expanded = [...texts].flatMap(([workload, all]) =>
        all.filter((text) => /EXPANDED|root:x:0/.test(text)).map((text) => `${workload}: ${text}`),
      );
      expect(expanded).toEqual([]);
      expect(texts.size).toBeGreaterThan(2);
    });

    it('arrives as it is in headers, credentials, addresses and paths of backends', () => {
      for (const value of CANARIES) {
        const exact = [...texts.values()].flatMap((all) => all.filter((one) => one === value));
        expect(exact.length, value).toBeGreaterThan(3);
        expect(holds(`${value} behind`).length, value).toBeGreaterThan(0);
      }
      expect(holds('https://prometheus/$1/${env:SLUICE_CANARY}')).not.toEqual([]);
      expect(holds('https://tokens.example.com/$1/${env:SLUICE_CANARY}')).not.toEqual([]);
    });

    it('arrives as it is in rules, on gateways and agents', () => {
      for (const [i, value] of CANARIES.entries()) {
        const quoted = JSON.stringify(value);
        for (const field of ['span', 'log', 'datapoint']) {
          expect(holds(`set(${field}.attributes["value-${i}"], ${quoted})`), `${field} ${value}`).not.toEqual([]);
          expect(holds(`set(${field}.attributes[${JSON.stringify(`key-${value}`)}], "${i}")`)).not.toEqual([]);
          expect(holds(`${field}.attributes["none"] != ${quoted}`)).not.toEqual([]);
          expect(holds(`${field}.attributes["a"] == ${quoted}`)).not.toEqual([]);
        }
        expect(holds(`set(log.attributes["value-${i}"], ${quoted})`, ['log-agent'])).toEqual(['log-agent']);
        expect(holds(`set(datapoint.attributes["value-${i}"], ${quoted})`, ['metric-agent'])).toEqual(['metric-agent']);
      }
    });

    it('arrives as it is in what enriches data: the name of the cluster, labels of Pods', () => {
      expect(holds(`set(resource.attributes["k8s.cluster.name"], ${JSON.stringify(CLUSTER)})`)).not.toEqual([]);
      for (const value of CANARIES) {
        expect(holds(`k8s.pod.label.${value}`), value).not.toEqual([]);
        expect(holds(`(${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*)`), value).not.toEqual([]);
      }
      expect(holds('k8s.pod.label.$0')).not.toEqual([]);
    });
  },
);
