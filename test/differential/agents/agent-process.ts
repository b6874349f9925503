import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFiles } from '../../../src/cli/compile.ts';
import { type ComponentConfig, componentId, type OtelcolConfig, writeYaml } from '../../../src/otelcol/index.ts';
import { encodeJson } from '../../../src/otlp/index.ts';
import type { Signal } from '../../../src/pdata/index.ts';
import type { RenderedConfig } from '../../../src/render/index.ts';
import type { Capture, CapturedRequest } from '../../testkit/capture.ts';
import { startOtelcol } from '../../testkit/collector-process.ts';
import { freePort } from '../../testkit/free-port.ts';
import type { RunningProcess } from '../../testkit/process.ts';

/** What an agent is rendered to for these pipelines, in a cluster that has Istio or has not. */
export function renderAgent(manifests: readonly object[], { istio = false } = {}): RenderedConfig {
  const text = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
  const { agents, issues } = compileFiles([{ file: 'input.yaml', text }], {
    distribution: 'otelcol',
    cluster: { namespace: 'kyma-system', istio },
    addresses: () => ({ otlpGrpc: '127.0.0.1:0', otlpHttp: '127.0.0.1:0' }),
  });
  const errors = issues.filter(({ severity }) => severity === 'error');
  const [agent] = agents;
  if (agent === undefined || errors.length > 0) throw new Error(`not one agent: ${JSON.stringify(errors)}`);
  return agent;
}

export function pipelineOf(
  kind: 'MetricPipeline' | 'LogPipeline',
  name: string,
  input: object,
  port: number,
  rest: object = {},
): object {
  const endpoint = { value: `http://127.0.0.1:${port}` };
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind,
    metadata: { name },
    spec: { input: { otlp: { enabled: false }, ...input }, output: { otlp: { endpoint } }, ...rest },
  };
}

export interface AgentProcess {
  readonly collector: RunningProcess;
  readonly folder: string;
  stop(): Promise<void>;
}

/**
 * The real Collector on an agent's configuration, on a machine without a cluster: what asks the API server is taken out, and
 * folders of the node are folders below a temporary one, as `rebased` says.
 */
export async function startAgent(
  { config, featureGates }: RenderedConfig,
  { folder, change = (same) => same }: { readonly folder: string; readonly change?: (text: string) => string },
): Promise<AgentProcess> {
  const yaml = change(writeYaml(withoutCluster(config, `127.0.0.1:${await freePort()}`)));
  const collector = await startOtelcol(yaml, {
    env: { MY_NODE_NAME: 'node-1', MY_NODE_ADDRESS: '127.0.0.1' },
    featureGates,
  });
  return { collector, folder, stop: () => collector.stop().then(() => undefined) };
}

/** Addresses of a Pod are those of the whole machine here; who answers for its health has read its configuration. */
function withoutCluster(config: OtelcolConfig, health: string): OtelcolConfig {
  const asking = componentId('k8s_attributes');
  const processors: Record<string, ComponentConfig> = { ...config.processors };
  delete processors[asking];
  const pipelines = Object.entries(config.service.pipelines).map(([id, pipeline]) => [
    id,
    { ...pipeline, processors: pipeline.processors.filter((one) => one !== asking) },
  ]);
  return {
    ...config,
    processors,
    extensions: { ...config.extensions, [componentId('health_check')]: { endpoint: health } },
    service: { ...config.service, telemetry: { metrics: { level: 'none' } }, pipelines: Object.fromEntries(pipelines) },
  };
}

export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-agent-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export function folderIn(folder: string, ...names: readonly string[]): string {
  const path = join(folder, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

type Json = { readonly [key: string]: unknown };

/** The requests of a backend, as OTLP/JSON. */
export function asJson(signal: Signal, requests: readonly CapturedRequest[]): readonly Json[] {
  return requests.map(({ body }) => JSON.parse(encodeJson(signal, body)) as Json);
}

interface KeyValue {
  readonly key: string;
  readonly value: Json;
}

/** Attributes as a plain object; each value as OTLP/JSON has it, without its type. */
export function attributesOf(list: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(((list ?? []) as readonly KeyValue[]).map(({ key, value }) => [key, plainValue(value)]));
}

export function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const [[kind, inner] = ['', undefined]] = Object.entries(value);
  if (kind === 'arrayValue') return ((inner as Json)['values'] as readonly unknown[]).map(plainValue);
  return kind === 'kvlistValue' ? attributesOf((inner as Json)['values']) : inner;
}

/** A data point, with where it comes from. */
export interface Point {
  readonly name: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly scope: unknown;
}

export function pointsOf(backend: Capture): readonly Point[] {
  type Group = Readonly<Record<string, never>>;
  const list = (value: unknown) => (value ?? []) as readonly Group[];
  return asJson('metrics', backend.accepted()).flatMap((request) =>
    list(request['resourceMetrics']).flatMap((group) =>
      list(group['scopeMetrics']).flatMap((scoped) =>
        list(scoped['metrics']).flatMap((metric) =>
          list((metric['gauge'] ?? (metric['sum'] as { dataPoints?: unknown } | undefined))?.['dataPoints']).map(
            (point) => ({
              name: metric['name'] as string,
              resource: attributesOf((group['resource'] as { attributes?: unknown } | undefined)?.attributes),
              attributes: attributesOf(point['attributes']),
              scope: (scoped['scope'] as { name?: unknown } | undefined)?.name,
            }),
          ),
        ),
      ),
    ),
  );
}

/** The metrics that have arrived. */
export const namesOf = (backend: Capture) => [...new Set(pointsOf(backend).map(({ name }) => name))].sort();
