import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Compiled, type CompileOptions, compileFiles } from '../../cli/compile.ts';
import { renderAddresses } from '../../cli/render-addresses.ts';
import { renderShort } from '../../diagnostics/index.ts';
import { checkEngineConfig } from '../../engine/index.ts';
import { encodeEnvValue, loadConfig, resolveEnvRefs } from '../../otelcol/index.ts';
import {
  type ClusterFacts,
  type DistributionName,
  type DrainingQueue,
  deliveryConditionsIn,
  drainingQueues,
} from '../../topology/index.ts';
import { NODE_ADDRESS, NODE_NAME } from './agents/node-name.ts';
import { podAddresses } from './pod-addresses.ts';
import type { RenderedConfig } from './rendered-config.ts';
import { renderedYaml } from './rendered-yaml.ts';

/**
 * Every folder of test/corpus is a case: input.yaml, where it needs some secrets.yaml, and what they lead to on one machine:
 * the configuration for the stock Collector (otelcol.yaml, or a file for each process in otelcol/), likewise the one for the
 * engine where it differs, and the issues where there are some.
 *
 * A case that has a cluster.yaml (ClusterFacts where they differ from the usual ones, null for unknown; `now` for a date that
 * certificates are held against) is compiled for a cluster, too:
 * - cluster/<workload>.yaml is the configuration of each gateway, router and agent that the stock Collector runs,
 *   cluster/engine/<workload>.yaml of each that the engine runs: as the Telemetry resource says, or as is usual;
 * - cluster/fluent-bit/<file> are the files of Fluent Bit, where a pipeline needs it;
 * - status.yaml has the conditions of each resource;
 * - cluster-issues.txt has the issues where they differ from those of one machine.
 * A case with a before.yaml has run that before, so that the queues on disk it has left behind are drained.
 * Such a case may run nothing on one machine. SLUICE_UPDATE_GOLDEN=1 rewrites all but input.yaml, before.yaml, secrets.yaml, cluster.yaml.
 */
const corpus = join(import.meta.dirname, '../../../test/corpus');
const cases = readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'input.yaml')));
const update = process.env['SLUICE_UPDATE_GOLDEN'] === '1';

const addresses: CompileOptions['addresses'] = (workload, topology) => {
  const given = {
    otlpGrpc: '127.0.0.1:4317',
    otlpHttp: '127.0.0.1:4318',
    innerPort: 24317,
    folder: '/var/lib/telemetry',
  };
  const options = renderAddresses(given)(workload, topology);
  if (workload !== topology.workloads.at(-1)) return options;
  return { ...options, health: '127.0.0.1:13133', metrics: { host: '127.0.0.1', port: 8888 } };
};

/** The queues that whatever ran before has left behind. */
function drainingOf(name: string, cluster: Cluster | undefined): readonly DrainingQueue[] {
  if (cluster === undefined || !existsSync(join(corpus, name, 'before.yaml'))) return [];
  const { topology: before } = compile(name, AS_WRITTEN, { ...cluster, file: 'before.yaml' });
  return drainingQueues(before, compile(name, AS_WRITTEN, { ...cluster, file: 'input.yaml' }).topology);
}

const AS_WRITTEN = { otherwise: 'auto' } as const;

function compile(
  name: string,
  distribution: CompileOptions['distribution'],
  cluster?: Cluster & { readonly file?: string },
) {
  const { file = 'input.yaml', ...facts } = cluster ?? {};
  const secrets = join(corpus, name, 'secrets.yaml');
  return compileFiles([{ file, text: readFileSync(join(corpus, name, file), 'utf8') }], {
    distribution,
    // In a cluster the Telemetry resource says how much memory there is.
    capBytes: cluster === undefined ? 2 * 2 ** 30 : { otherwise: 2 * 2 ** 30 },
    ...(existsSync(secrets)
      ? { secretFiles: [{ file: 'secrets.yaml', text: readFileSync(secrets, 'utf8') }], secretsRequired: true }
      : {}),
    ...(cluster === undefined
      ? { addresses }
      : { addresses: podAddresses, ...facts, draining: cluster.file === undefined ? drainingOf(name, cluster) : [] }),
  });
}

interface Cluster {
  readonly cluster: ClusterFacts;
  /** Wall clock. */
  readonly nowMs?: number;
}

const USUAL_FACTS: ClusterFacts = {
  namespace: 'kyma-system',
  clusterName: 'api.example.com',
  clusterUid: '0c8a4f3e-6d2b-4f0e-9d3c-1f2a3b4c5d6e',
  cloudProvider: 'aws',
  istio: false,
};

/** What the case says about its cluster; undefined without one. */
function clusterOf(name: string): Cluster | undefined {
  const file = join(corpus, name, 'cluster.yaml');
  if (!existsSync(file)) return undefined;
  const { now, ...different } = parse(readFileSync(file, 'utf8')) as Partial<ClusterFacts> & { readonly now?: string };
  const facts = Object.entries({ ...USUAL_FACTS, ...different }).filter(([, value]) => value !== null);
  const cluster = Object.fromEntries(facts) as unknown as ClusterFacts;
  return now === undefined ? { cluster } : { cluster, nowMs: Date.parse(now) };
}

/** The files that a cluster runs, by their place below `cluster/`; those of Fluent Bit by their place in its container. */
function clusterFiles({ rendered, agents, fluentBit }: Compiled): ReadonlyMap<string, string> {
  const collectors = [...rendered, ...agents].map(
    (one) =>
      [`cluster/${one.distribution === 'sluice' ? 'engine/' : ''}${one.workload}.yaml`, renderedYaml(one)] as const,
  );
  const files = Object.entries(fluentBit?.files ?? {}).map(
    ([path, text]) => [`cluster/fluent-bit${path}`, text] as const,
  );
  return new Map([...collectors, ...files]);
}

/** File by file, what the configurations are written to. */
function filesFor(name: string, { distribution, folder }: { distribution: DistributionName; folder: string }) {
  const { rendered } = compile(name, distribution);
  const [only] = rendered;
  if (only !== undefined && rendered.length === 1) return new Map([[`${folder}.yaml`, renderedYaml(only)]]);
  return new Map(rendered.map((one) => [`${folder}/${one.workload}.yaml`, renderedYaml(one)]));
}

function statusYaml({ statuses, topology }: Compiled): string {
  const entries = statuses.map(({ kind, name, ...status }) => {
    const conditions = [...status.conditions, ...deliveryConditionsIn(topology, { kind, name })];
    return [`${kind}/${name}`, { ...status, conditions }] as const;
  });
  return stringify(Object.fromEntries(entries), { lineWidth: 0 });
}

/** Each file has the content it should have, and there is no other of these. */
function expectGolden(name: string, folder: string, files: ReadonlyMap<string, string>): void {
  const at = (file: string) => join(corpus, name, file);
  const found = existsSync(at(folder)) ? readdirSync(at(folder), { recursive: true, encoding: 'utf8' }) : [];
  const there = found.map((file) => `${folder}/${file}`).filter((file) => statSync(at(file)).isFile());
  if (folder !== 'cluster' && existsSync(at(`${folder}.yaml`))) there.push(`${folder}.yaml`);
  if (update) {
    for (const file of there) if (!files.has(file)) rmSync(at(file));
    for (const [file, content] of files) {
      mkdirSync(dirname(at(file)), { recursive: true });
      writeFileSync(at(file), content);
    }
  }
  for (const [file, content] of files) {
    expect(content, file).toBe(existsSync(at(file)) ? readFileSync(at(file), 'utf8') : undefined);
  }
  if (!update) expect(there.sort()).toEqual([...files.keys()].sort());
}

function expectGoldenReport(name: string, file: string, content: string | undefined): void {
  const path = join(corpus, name, file);
  if (update) {
    if (content === undefined) rmSync(path, { force: true });
    else writeFileSync(path, content);
  }
  expect(content, file).toBe(existsSync(path) ? readFileSync(path, 'utf8') : undefined);
}

describe.each(cases.filter((name) => clusterOf(name) !== undefined))('corpus %s in a cluster', (name) => {
  it('renders what was reviewed', () => {
    const compiled = compile(name, AS_WRITTEN, clusterOf(name));
    expectGolden(name, 'cluster', clusterFiles(compiled));
    const report = renderShort(compiled.issues);
    const here = renderShort(compile(name, 'otelcol').issues);
    expectGoldenReport(name, 'cluster-issues.txt', report === here ? undefined : report || 'none\n');
    expectGoldenReport(name, 'status.yaml', statusYaml(compiled));
  });
});

describe.each(cases)('corpus %s', (name) => {
  it('renders what was reviewed', () => {
    const otelcol = filesFor(name, { distribution: 'otelcol', folder: 'otelcol' });
    const engine = filesFor(name, { distribution: 'sluice', folder: 'engine' });
    const differs = JSON.stringify([...engine.values()]) !== JSON.stringify([...otelcol.values()]);
    expectGolden(name, 'otelcol', otelcol);
    expectGolden(name, 'engine', differs ? engine : new Map());
    const report = renderShort(compile(name, 'otelcol').issues);
    const engineReport = renderShort(compile(name, 'sluice').issues);
    expectGoldenReport(name, 'issues.txt', report || undefined);
    expectGoldenReport(name, 'engine-issues.txt', engineReport === report ? undefined : engineReport);
  });

  it.each(['otelcol', 'sluice', AS_WRITTEN] as const)('renders for %o what the loader reads back', (distribution) => {
    const cluster = clusterOf(name);
    const here = compile(name, distribution).rendered;
    if (cluster === undefined) expect(here.length).toBeGreaterThan(0);
    const there = cluster === undefined ? undefined : compile(name, distribution, cluster);
    for (const one of [...here, ...(there?.rendered ?? []), ...(there?.agents ?? [])]) {
      const values = environmentOf(one);
      const env = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, encodeEnvValue(value)]));
      const loaded = loadConfig(renderedYaml(one), 'rendered.yaml', { env });
      expect(loaded.issues).toEqual([]);
      expect(loaded.config).toEqual(resolveEnvRefs(one.config, values));
    }
  });
});

/** A value for every variable; what no Secret gave could be anything. Pods know their node. */
function environmentOf({ secrets, missingSecrets }: RenderedConfig): Readonly<Record<string, string>> {
  const missing = Object.keys(missingSecrets).map((name) => [name, 'https://example.com:4317'] as const);
  return { ...Object.fromEntries(missing), ...secrets, [NODE_NAME]: 'node-1', [NODE_ADDRESS]: '10.0.0.1' };
}

it.each(cases)('the engine can execute %s, in a cluster, too', (name) => {
  const cluster = clusterOf(name);
  const there = cluster === undefined ? [] : [compile(name, 'sluice', cluster), compile(name, AS_WRITTEN, cluster)];
  for (const one of [compile(name, 'sluice'), ...there].flatMap(({ rendered }) => rendered)) {
    if (one.distribution !== 'sluice') continue;
    expect(checkEngineConfig(resolveEnvRefs(one.config, environmentOf(one)))).toEqual([]);
  }
});

it('has cases', () => {
  expect(cases.length).toBeGreaterThan(30);
});
