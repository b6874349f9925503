import { stringify } from 'yaml';
import { sha256 } from '../../lib/index.ts';
import type { SecretText } from '../../pipeline/index.ts';
import { describeSecret } from '../otelcol/rendered-yaml.ts';

/** Files that a workload reads, and the environment they refer to. */
export interface WorkloadFiles {
  /** `otlp-gateway` */
  readonly workload: string;
  /** Content by name. Secrets are references to variables. */
  readonly files: Readonly<Record<string, string>>;
  /** Names of the variables, and where Secrets hold their values; undefined: it is written in a manifest. */
  readonly variables: Readonly<Record<string, SecretText | undefined>>;
}

const LABELS = { 'app.kubernetes.io/part-of': 'telemetry', 'app.kubernetes.io/managed-by': 'sluice' };

/**
 * The ConfigMap of a workload, named by its content so that what runs never changes under a Pod, as YAML. Values of variables
 * are not in it: a comment says what the Secret `telemetry-<workload>` must hold.
 */
export function configObjects(namespace: string, { workload, files, variables }: WorkloadFiles): string {
  const content = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const name = `telemetry-${workload}`;
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${name}-${hashOf(JSON.stringify(content))}`,
      namespace,
      labels: { ...LABELS, 'app.kubernetes.io/component': workload },
    },
    immutable: true,
    data: Object.fromEntries(content),
  };
  return `${variableComment(name, variables)}${stringify(object, { lineWidth: 0 })}`;
}

function hashOf(text: string): string {
  return Array.from(sha256(text).subarray(0, 5), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function variableComment(name: string, variables: WorkloadFiles['variables']): string {
  const lines = Object.entries(variables).map(([variable, secret]) => {
    const content = secret === undefined ? 'a value that stands in a manifest' : describeSecret(secret);
    return `#   ${variable}: ${content.replace(/[^\x20-\uffff]/g, '\ufffd')}\n`;
  });
  return lines.length === 0 ? '' : `# Secret ${name} must hold, as environment of its Pods:\n${lines.join('')}`;
}
