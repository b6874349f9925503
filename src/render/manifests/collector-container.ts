import type { Agent, Workload } from '../../topology/index.ts';
import { POD_ADDRESSES } from '../otelcol/pod-addresses.ts';
import type { ManifestOptions } from './cluster-objects.ts';
import { goMemoryLimit, imageOf, type PodPart, resourcesOf } from './pod.ts';

export const CONFIG_FOLDER = '/conf';
export const CONFIG_KEY = 'relay.conf';

/** How long the engine may deliver what it holds once its listeners are closed. */
export const FLUSH_SECONDS = 30;

/** Between the end of new connections and the closing of the listeners: until everybody knows that the Pod goes. */
export const LEAVE_SECONDS = 15;

export const HEALTH_PORT = portOf(POD_ADDRESSES.health);
export const METRICS_PORT = POD_ADDRESSES.metrics.port;

export interface CollectorOptions {
  readonly manifest: ManifestOptions;
  /** Where it takes OTLP. */
  readonly otlpPorts: readonly { readonly name: string; readonly port: number }[];
  /** Text of its configuration, for what it refers to. */
  readonly configuration: string;
  /** Of the stock Collector. */
  readonly featureGates: readonly string[];
}

/** The program of a workload or agent: the stock Collector, or the engine, which reads the same configuration. */
export function collectorContainer(workload: Workload | Agent, options: CollectorOptions): PodPart {
  const { manifest, otlpPorts, configuration, featureGates } = options;
  const isAgent = workload.role === 'metric-agent' || workload.role === 'log-agent';
  const isStock = workload.distribution === 'otelcol';
  const path = `${CONFIG_FOLDER}/${CONFIG_KEY}`;
  const env = [
    // What the engine holds is outside of its heap, and Node sizes that by the limit itself.
    ...(isStock ? [{ name: 'GOMEMLIMIT', value: goMemoryLimit(workload.memory) }] : []),
    ...podFacts(configuration, manifest),
  ];
  return {
    name: 'collector',
    ...imageOf(manifest, isStock ? 'otelcol' : 'sluice'),
    args: isStock
      ? [`--config=${path}`, ...(featureGates.length === 0 ? [] : [`--feature-gates=${featureGates.join(',')}`])]
      : ['engine', '--config', path, '--drain-timeout', `${FLUSH_SECONDS}s`],
    ...(env.length === 0 ? {} : { env }),
    ports: [
      ...otlpPorts.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
      { name: 'http-metrics', containerPort: METRICS_PORT, protocol: 'TCP' },
      { name: 'http-health', containerPort: HEALTH_PORT, protocol: 'TCP' },
    ],
    ...probes({ port: HEALTH_PORT, path: '/' }),
    // Senders first: listeners close only when nobody is sent here any more. Agents have no senders.
    ...(isAgent ? {} : { lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } } }),
    resources: isAgent
      ? resourcesOf(workload.memory, { cpu: '15m', memory: 'budget' })
      : resourcesOf(workload.memory, { cpu: '100m', memory: workload.role === 'dispatcher' ? 'budget' : 'limit' }),
  };
}

/** It answers as soon as it runs, whatever its backends do: a backend that is down restarts nothing. */
export function probes(health: { readonly port: number; readonly path: string }): PodPart {
  const httpGet = { path: health.path, port: health.port };
  return {
    startupProbe: { httpGet, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 90 },
    livenessProbe: { httpGet, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 },
    readinessProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
  };
}

/** What Pods know of themselves, where the configuration asks for it. */
function podFacts(configuration: string, { ipv6Nodes = false }: ManifestOptions): readonly PodPart[] {
  const facts = [
    ['MY_NODE_NAME', 'spec.nodeName'],
    ['MY_NODE_ADDRESS', 'status.hostIP'],
    ['MY_POD_IP', 'status.podIP'],
  ] as const;
  return facts
    .filter(([name]) => configuration.includes(name))
    .flatMap(([name, fieldPath]) => {
      const fact = (as: string) => ({ name: as, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } });
      if (name !== 'MY_NODE_ADDRESS' || !ipv6Nodes) return [fact(name)];
      // It stands in URLs alone. Kubernetes puts in what was set before.
      return [fact('MY_NODE_IP'), { name, value: '[$(MY_NODE_IP)]' }];
    });
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
