import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compiled, type CompileOptions, compileFiles } from '../../src/cli/compile.ts';
import { type ManifestOptions, podAddresses, renderClusterObjects } from '../../src/render/index.ts';

const folder = join(import.meta.dirname, '../manifests');
const text = (file: string) => readFileSync(join(folder, file), 'utf8');

/** Resources of every kind that makes another object. */
export const EVERYTHING = text('input.yaml');

/** Pipelines with queues on disk. */
export const KEPT = text('kept.yaml');

export interface ClusterCase
  extends Partial<Pick<CompileOptions, 'topology' | 'distribution' | 'draining' | 'capBytes'>> {
  /** Default: everything. */
  readonly input?: string;
  readonly istio?: boolean;
  /** Default kyma-system. */
  readonly namespace?: string;
}

/** Compiled as the operator does, with the Secrets. Fails where a resource is left out. */
export function compileCase({
  input = EVERYTHING,
  istio = false,
  namespace = 'kyma-system',
  ...options
}: ClusterCase = {}): Compiled {
  const compiled = compileFiles([{ file: 'input.yaml', text: input }], {
    distribution: { otherwise: 'otelcol' },
    capBytes: 2 * 2 ** 30,
    secretFiles: [{ file: 'secrets.yaml', text: text('secrets.yaml') }],
    secretsRequired: true,
    cluster: { namespace, clusterName: 'api.example.com', istio },
    addresses: podAddresses,
    ...options,
  });
  const errors = compiled.issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return compiled;
}

export const MANIFEST_OPTIONS: ManifestOptions = {
  namespace: 'kyma-system',
  images: { otelcol: 'otelcol:1', sluice: 'sluice:1', fluentBit: 'fluent-bit:1' },
  gatewayApi: false,
};

export function objectsOf(compiled: Compiled, options: Partial<ManifestOptions> = {}) {
  return renderClusterObjects(compiled, { ...MANIFEST_OPTIONS, ...options });
}
