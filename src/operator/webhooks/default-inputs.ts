import { type AdmittedObject, isRecord } from './admission-review.ts';

/** Namespaces of the system, whose own data is mostly noise to those who collect. */
const SYSTEM_NAMESPACES = ['kyma-system', 'kube-system', 'istio-system'] as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Writes down what holds while a field is absent, where that depends on other fields so that no schema can say it. Upstream's webhook
 * fills in the same. Nothing depends on it: whoever reads a pipeline knows what absent fields mean. The older version of the API stays
 * as it was written.
 */
export function defaultsPatch({ apiVersion, kind, spec }: AdmittedObject): readonly object[] {
  if (!apiVersion.endsWith('/v1beta1') || !isRecord(spec)) return [];
  const input = isRecord(spec['input']) ? spec['input'] : {};
  const completed =
    kind === 'MetricPipeline' ? metricInput(input) : kind === 'LogPipeline' ? logInput(input, spec) : {};
  if (Object.keys(completed).length === 0) return [];
  return [{ op: 'add', path: '/spec/input', value: { ...input, ...completed } }];
}

function metricInput(input: Fields): Fields {
  const collected = ['runtime', 'prometheus', 'istio'].flatMap((name) => {
    const { [name]: one } = input;
    if (!isRecord(one) || one['enabled'] !== true || one['namespaces'] !== undefined) return [];
    return [[name, { ...one, namespaces: { exclude: SYSTEM_NAMESPACES } }] as const];
  });
  return { ...Object.fromEntries(collected), ...otlpInput(input) };
}

function logInput(input: Fields, { output }: Fields): Fields {
  const isOfFluentBit = isRecord(output) && ('http' in output || 'custom' in output);
  const runtime = isRecord(input['runtime']) ? input['runtime'] : {};
  const enabled = runtime['enabled'] ?? true;
  const isWhole = runtime['enabled'] !== undefined && (enabled !== true || runtime['namespaces'] !== undefined);
  const namespaces = enabled === true ? { namespaces: { exclude: SYSTEM_NAMESPACES } } : {};
  return {
    ...(isWhole ? {} : { runtime: { enabled, ...namespaces, ...runtime } }),
    ...(isOfFluentBit ? {} : otlpInput(input)),
  };
}

function otlpInput({ otlp = {} }: Fields): Fields {
  if (!isRecord(otlp) || (otlp['enabled'] !== undefined && otlp['namespaces'] !== undefined)) return {};
  return { otlp: { enabled: true, namespaces: {}, ...otlp } };
}
