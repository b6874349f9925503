import type { DifferentialCase } from '../case.ts';
import { ALL_SIGNALS, everySignal, send } from '../case.ts';
import { EVERY_VALUE, type Input, lineCount, plainInput, richInput } from '../inputs.ts';

const small = { resources: 2, scopes: 1, items: 2 };
const everything = ALL_SIGNALS.flatMap((signal) => [richInput(signal), plainInput(signal, 'plain', small)]);

function attributesCase(name: string, settings: object, inputs: readonly Input[] = everything): DifferentialCase {
  const signals = [...new Set(inputs.map((input) => input.signal))];
  const parts = { processors: ['attributes'], exporters: ['otlp_grpc'] };
  return {
    name: `attributes processor: ${name}`,
    config: ({ backendGrpc }) => ({
      processors: { attributes: settings },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: signals.length === 3 ? everySignal(parts) : Object.fromEntries(signals.map((one) => [one, parts])),
    }),
    steps: inputs.map((input) => send(input, { protocol: 'grpc' })),
    expectedItems: lineCount(...inputs),
  };
}

const traces = everything.filter(({ signal }) => signal === 'traces');
const logs = everything.filter(({ signal }) => signal === 'logs');
const metrics = everything.filter(({ signal }) => signal === 'metrics');
const FROM_CONTEXT = [
  { key: 'tenant', from_context: 'metadata.X-Tenant', action: 'insert' },
  { key: 'tenant.or.none', from_context: 'x-tenant', default_value: 'none', action: 'upsert' },
  { key: 'absent', from_context: 'metadata.x-absent', action: 'insert' },
];
const mark = [{ key: 'marked', value: 'yes', action: 'insert' }];
const keys = EVERY_VALUE.map(({ key }) => key);
const urlPattern = '^(?P<method>[A-Z]+) (?P<path>\\/[^?]*)$';

const SPAN_MATCHES: Readonly<Record<string, object>> = {
  'services, strictly': { match_type: 'strict', services: ['cart'] },
  'services by pattern': { match_type: 'regexp', services: ['^pla.n-\\d$', 'no'] },
  'span names by pattern': { match_type: 'regexp', span_names: ['items/[[:digit:]]$'] },
  'span kinds': { match_type: 'strict', span_kinds: ['SPAN_KIND_SERVER', 'SPAN_KIND_INTERNAL'] },
  'an attribute of text': { match_type: 'strict', attributes: [{ key: 'text', value: 'häuser 日本 😀' }] },
  'an attribute of int': { match_type: 'strict', attributes: [{ key: 'int.zero', value: 0 }] },
  'an int is no double': { match_type: 'strict', attributes: [{ key: 'double', value: 1 }] },
  'doubles and booleans together': {
    match_type: 'strict',
    attributes: [
      { key: 'double', value: 1.5 },
      { key: 'bool.true', value: true },
    ],
  },
  'an attribute that only exists': { match_type: 'strict', attributes: [{ key: 'list' }] },
  'numbers by pattern': {
    match_type: 'regexp',
    attributes: [
      { key: 'double.huge', value: '^1797\\d+0$' },
      { key: 'double.tiny', value: '^0\\.0+5$' },
      { key: 'int.min', value: '-9.*8' },
    ],
  },
  'lists never match a pattern': { match_type: 'regexp', attributes: [{ key: 'list', value: '.*' }] },
  'a resource': { match_type: 'strict', resources: [{ key: 'host.name', value: 'host-shop' }] },
  'a library, with its version': { match_type: 'strict', libraries: [{ name: 'lib-a', version: '1.2.3' }] },
  'two libraries': { match_type: 'strict', libraries: [{ name: 'lib-a' }, { name: 'lib-b' }] },
  'the empty version': { match_type: 'strict', libraries: [{ name: '', version: '' }] },
};

const LOG_MATCHES: Readonly<Record<string, object>> = {
  'bodies by pattern': { match_type: 'regexp', log_bodies: ['^plain-', '^\\[', 'inner'] },
  'bodies of numbers': { match_type: 'strict', log_bodies: ['1.5', '9223372036854775807', 'true'] },
  'severity texts': { match_type: 'strict', log_severity_texts: ['INFO2'] },
  'severity numbers': { match_type: 'strict', log_severity_number: { min: 9 } },
  'severity numbers or none': { match_type: 'strict', log_severity_number: { min: 17, match_undefined: true } },
};

const METRIC_MATCHES: Readonly<Record<string, object>> = {
  names: { match_type: 'strict', metric_names: ['metric.0.gauge', 'metric.5.summary'] },
  'names by pattern': { match_type: 'regexp', metric_names: ['histogram$', '^plain-0'] },
  'only resources, which changes nothing': {
    match_type: 'strict',
    resources: [{ key: 'service.name', value: 'nobody' }],
  },
};

const matchCases = (inputs: readonly Input[], matches: Readonly<Record<string, object>>) =>
  Object.entries(matches).flatMap(([name, match]) => [
    attributesCase(`includes ${inputs[0]!.signal} by ${name}`, { include: match, actions: mark }, inputs),
  ]);

export const attributesCases: readonly DifferentialCase[] = [
  attributesCase('insert, update and upsert', {
    actions: [
      { key: 'text', value: 'kept', action: 'insert' },
      { key: 'new', value: 'v', action: 'insert' },
      { key: 'int.max', value: 'now text', action: 'update' },
      { key: 'absent', value: 'v', action: 'update' },
      { key: 'index', value: -1, action: 'upsert' },
      { key: 'route', value: 1.5, action: 'upsert' },
    ],
  }),
  attributesCase('values from other attributes, nested ones too', {
    actions: [
      { key: 'copied', from_attribute: 'map', action: 'insert' },
      { key: 'copied.absent', from_attribute: 'absent', action: 'upsert' },
      { key: 'fallback', from_attribute: 'absent', default_value: 7, action: 'insert' },
      { key: 'route', from_attribute: 'ok', action: 'update' },
    ],
  }),
  attributesCase('delete by key and by pattern', {
    actions: [
      { key: 'route', action: 'delete' },
      { key: 'text', pattern: '^(double|int)\\.', action: 'delete' },
    ],
  }),
  attributesCase('hash, of every type of value', { actions: keys.map((key) => ({ key, action: 'hash' })) }),
  attributesCase('extract by named groups', {
    actions: [
      { key: 'request', value: 'GET /items/7', action: 'upsert' },
      { key: 'request', pattern: urlPattern, action: 'extract' },
      { key: 'text', pattern: '(?P<spaced>\\S+\\s[^[:space:]]+)', action: 'extract' },
      { key: 'text', pattern: '\\A(?P<first>.)(?P<rest>.*)\\z', action: 'extract' },
    ],
  }),
  ...(['int', 'double', 'string'] as const).map((type) =>
    attributesCase(`convert every type of value to ${type}`, {
      actions: keys.map((key) => ({ key, action: 'convert', converted_type: type })),
    }),
  ),
  ...matchCases(traces, SPAN_MATCHES),
  ...matchCases(logs, LOG_MATCHES),
  ...matchCases(metrics, METRIC_MATCHES),
  attributesCase(
    'includes some and excludes some of them',
    {
      include: { match_type: 'strict', services: ['shop'] },
      exclude: { match_type: 'regexp', span_names: ['/1$'] },
      actions: mark,
    },
    traces,
  ),
  ...(['attributes', 'resource'] as const).map(
    (processor): DifferentialCase => ({
      name: `${processor} processor: values from the request's headers`,
      config: ({ backendGrpc }) => ({
        receiver: { grpc: { include_metadata: true }, http: { include_metadata: true } },
        processors: { [processor]: { [processor === 'resource' ? 'attributes' : 'actions']: FROM_CONTEXT } },
        exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
        pipelines: everySignal({ processors: [processor], exporters: ['otlp_grpc'] }),
      }),
      steps: [{ 'x-tenant': 'acme' }, { 'X-Tenant': 'other' }, {}].flatMap((headers, i) =>
        (['grpc', 'http'] as const).map((protocol) =>
          send(plainInput('logs', `${protocol} ${i}`, { ...small, items: 1 }), { protocol, headers }),
        ),
      ),
      expectedItems: 12,
    }),
  ),
];
