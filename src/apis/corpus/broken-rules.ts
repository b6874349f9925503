import type { Path } from '../../diagnostics/index.ts';
import { apiVersionsOf, RESOURCES, type ResourceInfo, type ResourceKind } from '../kinds.ts';
import type { MarkedSchema } from '../schema.ts';

const value = { value: 'a' };
const otlp = { endpoint: { value: 'backend:4317' } };
const oauth2 = { tokenURL: { value: 'https://a/token' }, clientID: value, clientSecret: value };

/** For the message of each rule, what breaks it when it stands where the rule does. */
export const BREAKS: Readonly<Record<string, unknown>> = {
  "Exactly one of 'value' or 'valueFrom' must be set": {},
  "Only one of 'include' or 'exclude' can be defined": { include: ['a'], exclude: ['b'] },
  "Only one of 'include', 'exclude' or 'system' can be defined": { exclude: ['a'], system: true },
  "Can define either both 'cert' and 'key', or neither": { cert: value },
  'Only one authentication method can be specified': { basic: { user: value, password: value }, oauth2 },
  "'tokenURL' must be a valid URL": { value: '../not-a-url' },
  'Path is only available with HTTP protocol': { ...otlp, path: '/a' },
  'OAuth2 authentication requires TLS when using gRPC protocol': {
    ...otlp,
    authentication: { oauth2 },
    tls: { insecure: true },
  },
  "Exactly one output out of 'otlp', 'stdout' or 'file' must be defined": { otlp, stdout: {} },
  "Exactly one output out of 'otlp', 'prometheusRemoteWrite', 'stdout' or 'file' must be defined": { otlp, stdout: {} },
  "Exactly one output out of 'otlp', 'http', 'custom', 'stdout' or 'file' must be defined": {},
  'input.runtime.dropLabels is not supported with otlp output': {
    input: { runtime: { dropLabels: false } },
    output: { otlp },
  },
  'input.application.dropLabels is not supported with otlp output': {
    input: { application: { dropLabels: true } },
    output: { otlp },
  },
  'input.runtime.keepAnnotations is not supported with otlp output': {
    input: { runtime: { keepAnnotations: true } },
    output: { stdout: {} },
  },
  'input.application.keepAnnotations is not supported with otlp output': {
    input: { application: { keepAnnotations: true } },
    output: { otlp },
  },
  'filters are not supported with otlp output': { filters: [{ custom: 'Name grep' }], output: { otlp } },
  'files are not supported with otlp output': { files: [{ name: 'a', content: 'a' }], output: { otlp } },
  'variables are not supported with otlp output': {
    variables: [{ name: 'a', valueFrom: { secretKeyRef: { name: 'a', namespace: 'a', key: 'a' } } }],
    output: { otlp },
  },
  'transform is only supported with otlp output': {
    transform: [{ statements: ['a'] }],
    output: { custom: 'Name http' },
  },
  'filter is only supported with otlp output': { filter: [{ conditions: ['a'] }], output: { http: { host: value } } },
  'otlp input is only supported with otlp output': { input: { otlp: {} }, output: { http: { host: value } } },
  "'auto' is only available with type 'Auto'": { auto: {} },
  "'minReplicas' must not be greater than 'maxReplicas'": { minReplicas: 2, maxReplicas: 1 },
  "'gateway.priority' is not available with distribution 'otelcol'": {
    collector: { distribution: 'otelcol' },
    trace: { gateway: { priority: 2 } },
  },
  'must be greater than 0s': '0s',
  "Either 'key' or 'keyPrefix' must be specified": { key: 'a', keyPrefix: 'b' },
};

/** Rules that compare an object with what it was: only the API server can know. */
export const ON_UPDATE = ['Switching to or away from OTLP output is not supported, re-create the LogPipeline'];

export interface Rule {
  readonly kind: ResourceKind;
  readonly apiVersion: string;
  readonly path: Path;
  readonly message: string;
}

function* rulesOf(schema: MarkedSchema, path: Path): Generator<Pick<Rule, 'path' | 'message'>> {
  for (const { message } of schema['x-kubernetes-validations'] ?? []) yield { path, message };
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* rulesOf(child, [...path, name]);
  if (schema.items) yield* rulesOf(schema.items, [...path, 0]);
}

export const RULES: readonly Rule[] = Object.entries<ResourceInfo>(RESOURCES).flatMap(([kind, { versions }]) =>
  Object.values(versions).flatMap((spec, index) =>
    [...rulesOf(spec, ['spec'])].map((rule) => ({
      ...rule,
      kind: kind as ResourceKind,
      apiVersion: apiVersionsOf(kind as ResourceKind)[index]!,
    })),
  ),
);

/** A manifest that holds a value at a path, and otherwise only what that needs. */
export function manifestWith({ kind, apiVersion, path, message }: Rule): object {
  const output = path[1] === 'output' || path.length === 1 || kind === 'Telemetry' ? undefined : { otlp };
  const at = (place: Path): unknown => {
    const [step, ...rest] = place;
    if (step === undefined) return BREAKS[message];
    return step === 0 ? [at(rest)] : { [step]: at(rest) };
  };
  const { spec } = at(path) as { spec: object };
  return { apiVersion, kind, metadata: { name: 'default' }, spec: { ...(output ? { output } : {}), ...spec } };
}
