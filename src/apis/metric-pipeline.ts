import { delivery } from './delivery.ts';
import { collectedNamespaces, filter, otlpInput, switchable, transform } from './input.ts';
import { fileOutput, stdoutOutput } from './local-outputs.ts';
import { metricOtlpOutput } from './otlp-output.ts';
import { remoteWriteOutput } from './remote-write-output.ts';
import {
  type Data,
  defaulted,
  extension,
  flag,
  list,
  object,
  oneOf,
  oneOutput,
  optional,
  storedDefault,
  text,
} from './schema.ts';

const enabled = optional(storedDefault(false, flag('Take these metrics.')));
const namespaces = optional(collectedNamespaces);
const resource = (name: string) =>
  optional(object(`Metrics of ${name}.`, { enabled: optional(storedDefault(true, flag(`Take metrics of ${name}.`))) }));

const input = object('Where the metrics come from.', {
  otlp: optional(otlpInput),
  prometheus: optional(
    object('Scrapes Pods and Services annotated with prometheus.io/scrape.', {
      enabled,
      namespaces,
      diagnosticMetrics: optional(switchable('Keeps up and scrape_* metrics.')),
    }),
  ),
  runtime: optional(
    object('Metrics of the Kubernetes resources themselves.', {
      enabled,
      namespaces,
      resources: optional(
        object('Which resources.', {
          pod: resource('Pods'),
          container: resource('containers'),
          node: resource('nodes'),
          volume: resource('volumes'),
          daemonset: resource('DaemonSets'),
          deployment: resource('Deployments'),
          statefulset: resource('StatefulSets'),
          job: resource('Jobs'),
        }),
      ),
      additionalMetrics: optional(
        list(
          'Metrics beyond those that are always taken.',
          text('Name of a metric.', { example: 'k8s.pod.cpu_limit_utilization' }),
        ),
      ),
      naming: optional(
        defaulted(
          'OpenTelemetry',
          extension(
            oneOf(
              'Names of the metrics: OpenTelemetry, those of node-exporter, kubelet and kube-state-metrics (Exporters), or both.',
              ['OpenTelemetry', 'Exporters', 'Both'],
            ),
          ),
        ),
      ),
    }),
  ),
  istio: optional(
    object('Metrics of Istio sidecars.', {
      enabled,
      namespaces,
      diagnosticMetrics: optional(switchable('Keeps up and scrape_* metrics.')),
      envoyMetrics: optional(switchable('Keeps envoy_* metrics beside istio_*.')),
    }),
  ),
});

export const metricPipelineSpec = object('What the pipeline does.', {
  input: optional(input),
  output: object(
    'Where the metrics go.',
    {
      otlp: optional(metricOtlpOutput),
      prometheusRemoteWrite: optional(remoteWriteOutput),
      stdout: optional(stdoutOutput),
      file: optional(fileOutput),
    },
    [
      oneOutput(
        '[has(self.otlp), has(self.prometheusRemoteWrite), has(self.stdout), has(self.file)]',
        "'otlp', 'prometheusRemoteWrite', 'stdout' or 'file'",
      ),
    ],
  ),
  transform: optional(transform),
  filter: optional(filter),
  delivery: optional(delivery),
});

export type MetricPipelineConfig = Data<typeof metricPipelineSpec>;
