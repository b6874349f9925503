import { delivery } from './delivery.ts';
import { collectedNamespaces, filter, otlpInput, switchable, transform } from './input.ts';
import { fileOutput, stdoutOutput } from './local-outputs.ts';
import { metricOtlpOutput } from './otlp-output.ts';
import { type Data, defaulted, flag, list, object, optional, text } from './schema.ts';
import { ONE_OUTPUT } from './trace-pipeline.ts';

const enabled = optional(defaulted(false, flag('Take these metrics.')));
const namespaces = optional(collectedNamespaces);
const resource = (name: string) =>
  optional(object(`Metrics of ${name}.`, { enabled: optional(defaulted(true, flag(`Take metrics of ${name}.`))) }));

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
      additionalMetrics: optional(list('Metrics beyond those that are always taken.', text('Name of a metric.'))),
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
    { otlp: optional(metricOtlpOutput), stdout: optional(stdoutOutput), file: optional(fileOutput) },
    [ONE_OUTPUT],
  ),
  transform: optional(transform),
  filter: optional(filter),
  delivery: optional(delivery),
});

export type MetricPipelineConfig = Data<typeof metricPipelineSpec>;
