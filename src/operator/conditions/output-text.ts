import { parseEndpoint } from '../../apis/index.ts';
import type { KubeObject } from '../../kube/index.ts';

interface Value {
  readonly value?: unknown;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly namespace?: string; readonly name?: string; readonly key?: string };
  };
}

interface OutputSpec {
  readonly otlp?: { readonly protocol?: string; readonly endpoint?: Value };
  readonly prometheusRemoteWrite?: { readonly endpoint?: Value };
  readonly http?: { readonly host?: Value; readonly port?: string; readonly tls?: { readonly disabled?: boolean } };
  readonly custom?: string;
  readonly stdout?: object;
  readonly file?: { readonly path?: string };
}

/**
 * Where a pipeline sends, in one word: `grpc://tempo.obs:4317`, `secret:obs/jaeger#endpoint`. Never what was read from a Secret,
 * nor what may be a password in an endpoint. Undefined where the spec names no output.
 */
export function outputText(pipeline: KubeObject): string | undefined {
  const { output } = (pipeline['spec'] ?? {}) as { readonly output?: OutputSpec };
  if (output === undefined || output === null) return undefined;
  if (output.otlp) return addressText(output.otlp.endpoint, output.otlp.protocol === 'http' ? 'http' : 'grpc');
  if (output.prometheusRemoteWrite) return addressText(output.prometheusRemoteWrite.endpoint, 'http');
  if (output.http) {
    const scheme = output.http.tls?.disabled === true ? 'http' : 'https';
    const host = addressText(output.http.host, scheme);
    return host === undefined || host.startsWith('secret:') ? host : `${host}:${output.http.port ?? '443'}`;
  }
  if (output.custom) return 'custom';
  if (output.file) return `file:${output.file.path ?? ''}`;
  return output.stdout ? 'stdout' : undefined;
}

function addressText(source: Value | undefined, scheme: string): string | undefined {
  const { secretKeyRef } = source?.valueFrom ?? {};
  if (secretKeyRef !== undefined) return `secret:${secretKeyRef.namespace}/${secretKeyRef.name}#${secretKeyRef.key}`;
  if (typeof source?.value !== 'string') return undefined;
  const endpoint = parseEndpoint(source.value);
  if (endpoint === undefined || endpoint.hasCredentials || source.value.includes('@')) return undefined;
  const { host, port, path = '' } = endpoint;
  const shown = `${endpoint.scheme ?? scheme}://${host}${port ? `:${port}` : ''}${path.replace(/[?#].*$/, '')}`;
  return shown.replace(/\/$/, '');
}
