import type { ComponentConfig } from '../../../otelcol/index.ts';
import { withNodeName } from './node-name.ts';

/** A rule that decides about a target, or sets how it is scraped, from what the discovery says about it. */
export type RelabelRule = ComponentConfig;

const meta = (name: string) => `__meta_kubernetes_${name}`;

/** Keeps targets of the agent's node: each node scrapes its own. */
export function keepOwnNode(of: 'pod' | 'endpoint'): RelabelRule {
  return { source_labels: [meta(`${of}_node_name`)], regex: withNodeName(), action: 'keep' };
}

export function keep(label: string, regex: string): RelabelRule {
  return { source_labels: [meta(label)], regex, action: 'keep' };
}

export function drop(label: string, regex: string): RelabelRule {
  return { source_labels: [meta(label)], regex, action: 'drop' };
}

/** Keeps what somebody annotated with `prometheus.io/scrape: "true"`. */
export function keepAnnotated(on: 'pod' | 'service'): RelabelRule {
  return keep(`${on}_annotation_prometheus_io_scrape`, 'true');
}

/** Pods that do not run, and containers that ran before the others started. */
export const DROP_IDLE: readonly RelabelRule[] = [
  drop('pod_phase', 'Pending|Succeeded|Failed'),
  drop('pod_container_init', 'true'),
];

/** Where a Pod has a sidecar that insists on mutual TLS, plain HTTP finds no way in, unless the annotation says so. */
export function schemeOf(on: 'pod' | 'service'): readonly RelabelRule[] {
  // A scheme of a Pod that is not `http` has no certificates to go with it, so the annotation can only ask for `http`.
  const words = on === 'pod' ? '(http)' : '(https?)';
  return [
    {
      source_labels: [meta('pod_label_security_istio_io_tlsMode')],
      regex: 'istio',
      target_label: '__scheme__',
      replacement: 'https',
      action: 'replace',
    },
    {
      source_labels: [meta(`${on}_annotation_prometheus_io_scheme`)],
      regex: words,
      target_label: '__scheme__',
      action: 'replace',
    },
  ];
}

export function dropScheme(scheme: 'http' | 'https'): RelabelRule {
  return { source_labels: ['__scheme__'], regex: scheme, action: 'drop' };
}

/** Path, port and parameters that the annotations name. An IPv6 address stands in brackets. */
export function addressOf(on: 'pod' | 'service'): readonly RelabelRule[] {
  const annotation = meta(`${on}_annotation_prometheus_io`);
  return [
    { source_labels: [`${annotation}_path`], regex: '(.+)', target_label: '__metrics_path__', action: 'replace' },
    {
      source_labels: ['__address__', `${annotation}_port`],
      regex: '(\\[[^\\]]+\\]|[^:]+)(?::\\d+)?;(\\d+)',
      target_label: '__address__',
      replacement: '$1:$2',
      action: 'replace',
    },
    { regex: `${annotation}_param_(.+)`, replacement: '__param_$1', action: 'labelmap' },
  ];
}
