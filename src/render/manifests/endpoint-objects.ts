import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Topology } from '../../topology/index.ts';
import type { ManifestOptions } from './cluster-objects.ts';
import { plainService } from './istio.ts';
import { ENDPOINT_PODS, SERVING_PODS, sharedLabels, signalLabel } from './labels.ts';
import type { Manifest } from './manifest.ts';

/** The single endpoint, and the Gateway that stands behind it where the topology wants one. */
export const ENDPOINT = 'telemetry-otlp';

const COMPONENT = 'endpoint';

export const OTLP_PORTS = [
  { name: 'grpc-collector', port: 4317, targetPort: 4317, protocol: 'TCP' },
  { name: 'http-collector', port: 4318, targetPort: 4318, protocol: 'TCP' },
] as const;

/** Services of the OpenTelemetry protocol, as gRPC calls them. */
const GRPC_SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

/**
 * The addresses of senders. They are there whatever runs, so that a name that is in many configurations always resolves, and
 * select by what Pods do, so that a change of topology moves them over while the old Pods still serve.
 */
export function endpointObjects(
  { endpoint, workloads, agents }: Topology,
  { namespace, gatewayApi }: Pick<ManifestOptions, 'namespace' | 'gatewayApi'>,
): readonly Manifest[] {
  const routed = endpoint === 'GatewayAPI';
  const istio = [...workloads, ...agents].some(({ cluster }) => cluster?.istio === true);
  const services = [
    service(
      namespace,
      ENDPOINT,
      routed ? { 'gateway.networking.k8s.io/gateway-name': ENDPOINT } : { ...ENDPOINT_PODS, ...SERVING_PODS },
    ),
    ...SIGNALS.map((signal) =>
      service(namespace, serviceOf(signal), { [signalLabel(signal, 'ingest')]: 'true', ...SERVING_PODS }),
    ),
  ];
  return [
    ...services,
    ...(istio ? services.map(plainService) : []),
    ...(routed && gatewayApi ? SIGNALS.flatMap((signal) => routes(namespace, signal)) : []),
  ];
}

export function serviceOf(signal: Signal): string {
  return `${ENDPOINT}-${signal}`;
}

function service(namespace: string, name: string, selector: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: sharedLabels(name, COMPONENT) },
    spec: { type: 'ClusterIP', selector, ports: OTLP_PORTS },
  };
}

/** The path, or the method, carries the signal. One listener serves either kind of route. */
function routes(namespace: string, signal: Signal): readonly Manifest[] {
  const name = serviceOf(signal);
  const route = (kind: 'HTTPRoute' | 'GRPCRoute', { match, port }: { match: object; port: number }): Manifest => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name, namespace, labels: sharedLabels(name, COMPONENT) },
    spec: {
      parentRefs: [
        {
          group: 'gateway.networking.k8s.io',
          kind: 'Gateway',
          name: ENDPOINT,
          sectionName: OTLP_PORTS.find((one) => one.port === port)!.name,
        },
      ],
      rules: [{ matches: [match], backendRefs: [{ group: '', kind: 'Service', name, port, weight: 1 }] }],
    },
  });
  return [
    route('HTTPRoute', { match: { path: { type: 'PathPrefix', value: `/v1/${signal}` } }, port: 4318 }),
    route('GRPCRoute', { match: { method: { type: 'Exact', service: GRPC_SERVICES[signal] } }, port: 4317 }),
  ];
}
