import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { compileFiles } from '../../cli/compile.ts';
import { renderAddresses } from '../../cli/render-addresses.ts';
import { checkEngineConfig } from '../../engine/index.ts';
import { type OtelcolConfig, resolveEnvRefs } from '../../otelcol/index.ts';
import { TOPOLOGY_TYPES } from '../../topology/index.ts';
import { podAddresses } from './pod-addresses.ts';

const KINDS = ['TracePipeline', 'MetricPipeline', 'LogPipeline'] as const;
const HERE = renderAddresses({
  otlpGrpc: '127.0.0.1:4317',
  otlpHttp: '127.0.0.1:4318',
  innerPort: 24317,
  folder: '/var/lib/telemetry',
});
const THERE = { namespace: 'kyma-system', istio: false };

const url = { value: 'http://backend:4317' };
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

/** What may be asked of a buffer, in any combination that is valid. */
const delivery = fc
  .record({
    guarantee: optional(fc.constantFrom('BestEffort', 'AtLeastOnce')),
    storage: optional(fc.constantFrom('Memory', 'Disk')),
    maxSize: optional(fc.constantFrom('1Mi', '16Mi', '3Gi')),
    maxAge: optional(fc.constantFrom('0s', '1ms', '90m', '1h30m', '8760h')),
    onFull: optional(fc.constantFrom('DropOldest', 'DropNewest', 'Block')),
  })
  .filter(({ guarantee, storage }) => guarantee !== 'AtLeastOnce' || storage !== 'Memory')
  .map(({ guarantee, ...buffer }) => ({ guarantee, buffer }));

const output = fc.constantFrom('grpc', 'http', 'prometheusRemoteWrite', 'stdout', 'file');

const pipeline = fc
  .record({ kind: fc.constantFrom(...KINDS), output, delivery })
  .map(({ kind, output: to, delivery: asked }) => {
    const isLocal = to === 'stdout' || to === 'file' || (to === 'prometheusRemoteWrite' && kind !== 'MetricPipeline');
    const otlp = { otlp: { protocol: to === 'http' ? 'http' : 'grpc', endpoint: url } };
    const outputs = isLocal
      ? { stdout: {} }
      : to === 'prometheusRemoteWrite'
        ? { prometheusRemoteWrite: { endpoint: url } }
        : otlp;
    // What agents read stays with the Collector, which has less.
    const input = kind === 'LogPipeline' ? { input: { runtime: { enabled: false } } } : {};
    // What is printed waits for nothing.
    const { guarantee, ...rest } = asked;
    return { kind, ...input, output: outputs, delivery: isLocal ? rest : { guarantee, ...rest } };
  });

const installation = fc.record({
  pipelines: fc.array(pipeline, { minLength: 1, maxLength: 6 }),
  topology: fc.constantFrom(...TOPOLOGY_TYPES),
  distribution: fc.constantFrom(undefined, 'sluice'),
  priority: optional(fc.integer({ min: 1, max: 10 })),
  inCluster: fc.boolean(),
});
type Installation = typeof installation extends fc.Arbitrary<infer T> ? T : never;

function compile({ pipelines, topology, distribution, priority, inCluster }: Installation) {
  const telemetry = {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: 'kyma-system' },
    spec: { topology: { type: topology }, collector: { distribution }, log: { gateway: { priority } } },
  };
  const manifests = pipelines.map(({ kind, ...spec }, index) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind,
    metadata: { name: `p${index}` },
    spec,
  }));
  const text = [telemetry, ...manifests].map((one) => stringify(one, { keepUndefined: false })).join('---\n');
  return compileFiles([{ file: 'input.yaml', text }], {
    distribution: inCluster ? { otherwise: 'auto' } : 'sluice',
    capBytes: { otherwise: 4 * 2 ** 30 },
    ...(inCluster ? { cluster: THERE, addresses: podAddresses } : { addresses: HERE }),
  });
}

/** Folders of all queues of a configuration. */
function foldersOf({ extensions }: OtelcolConfig): readonly string[] {
  return Object.entries(extensions).flatMap(([id, settings]) => {
    const { directory, dead_letters: dead } = (settings ?? {}) as {
      readonly directory?: string;
      readonly dead_letters?: { readonly directory: string };
    };
    return id.startsWith('sluice_queue/') ? [directory, dead?.directory].filter((one) => one !== undefined) : [];
  });
}

describe('what is rendered for the engine', () => {
  it('is taken by its own check, whatever buffers are asked for', () => {
    fc.assert(
      fc.property(installation, (asked) => {
        const { rendered, issues } = compile(asked);
        const codes = issues.filter(({ severity }) => severity === 'error').map(({ code }) => code);
        // What needs the engine where the Collector runs the workload, and what finds no room.
        for (const code of codes) expect(['SL0107', 'SL0405']).toContain(code);
        if (!asked.inCluster || asked.distribution === 'sluice') expect(codes).not.toContain('SL0107');
        for (const { config, secrets, distribution, workload } of rendered) {
          if (distribution !== 'sluice') continue;
          expect(checkEngineConfig(resolveEnvRefs(config, secrets)), workload).toEqual([]);
        }
      }),
    );
  });

  it('gives every queue of one machine a folder of its own, over all processes', () => {
    fc.assert(
      fc.property(installation, (asked) => {
        const folders = compile({ ...asked, inCluster: false }).rendered.flatMap(({ config }) => foldersOf(config));
        expect(new Set(folders).size).toBe(folders.length);
        for (const folder of folders) {
          for (const other of folders) if (other !== folder) expect(other.startsWith(`${folder}/`)).toBe(false);
        }
      }),
    );
  });

  it('keeps the folder of a queue when the topology changes', () => {
    fc.assert(
      fc.property(installation, (asked) => {
        const queuesIn = (topology: Installation['topology']) =>
          compile({ ...asked, inCluster: false, topology })
            .rendered.flatMap(({ config }) => foldersOf(config))
            .filter((folder) => !folder.includes('/hop-'))
            .sort();
        const [shared, ...others] = TOPOLOGY_TYPES.map(queuesIn);
        for (const other of others) expect(other).toEqual(shared);
      }),
    );
  });
});
