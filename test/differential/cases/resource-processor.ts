import { ALL_SIGNALS, type DifferentialCase, everySignal, send, type Via } from '../case.ts';
import { EVERY_VALUE, type Input, lineCount, plainInput, requests, richInput } from '../inputs.ts';

type Action = Readonly<Record<string, unknown>>;

function resourceCase(name: string, attributes: readonly Action[], steps = defaultSteps): DifferentialCase {
  return {
    name: `resource processor: ${name}`,
    config: ({ backendGrpc }) => ({
      processors: { resource: { attributes } },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ processors: ['resource'], exporters: ['otlp_grpc'] }),
    }),
    steps: steps.map(({ input, via }) => send(input, via)),
    expectedItems: lineCount(...steps.map(({ input }) => input)),
  };
}

interface InputStep {
  readonly input: Input;
  readonly via: Via;
}

const small = { resources: 2, scopes: 1, items: 2 };

const GROUPS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const;

/** Requests whose resource is missing, empty, or has the same key twice. */
const oddResources: readonly InputStep[] = (['traces', 'logs'] as const).flatMap((signal) => {
  const [resources, scopes, items] = GROUPS[signal];
  const twice = ['a', 'b'].map((value) => ({ key: 'twice', value: { value: { case: 'stringValue', value } } }));
  const groups = [{}, { resource: {} }, { resource: { attributes: twice } }].map((group) => ({
    ...group,
    [scopes]: [{ [items]: [{ attributes: [] }] }],
  }));
  return [{ input: requests(signal, resources, groups), via: { protocol: 'http' } }];
});

const defaultSteps: readonly InputStep[] = [
  ...ALL_SIGNALS.map((signal) => ({
    input: richInput(signal),
    via: { protocol: 'grpc' } as const,
  })),
  ...ALL_SIGNALS.map((signal) => ({
    input: plainInput(signal, 'plain', small),
    via: { protocol: 'http', encoding: 'json' } as const,
  })),
];

export const resourceCases: readonly DifferentialCase[] = [
  resourceCase('insert keeps what is there', [
    { key: 'service.name', value: 'other', action: 'insert' },
    { key: 'new', value: 'v', action: 'insert' },
  ]),
  resourceCase('update changes only what is there', [
    { key: 'service.name', value: 'other', action: 'update' },
    { key: 'absent', value: 'v', action: 'update' },
    { key: 'int.max', value: 'now text', action: 'update' },
  ]),
  resourceCase('upsert does both', [
    { key: 'service.name', value: 'other', action: 'upsert' },
    { key: 'new', value: 'häuser 😀', action: 'upsert' },
    { key: 'text.empty', value: '', action: 'upsert' },
  ]),
  resourceCase('delete, one after the other', [
    { key: 'host.name', action: 'delete' },
    { key: 'list', action: 'delete' },
    { key: 'absent', action: 'delete' },
  ]),
  resourceCase('values of every type', [
    { key: 'v.int', value: 42, action: 'upsert' },
    { key: 'v.negative', value: -1, action: 'upsert' },
    { key: 'v.double', value: 1.5, action: 'upsert' },
    { key: 'v.true', value: true, action: 'upsert' },
    { key: 'v.false', value: false, action: 'upsert' },
    { key: 'v.zero', value: 0, action: 'upsert' },
    { key: 'v.text-number', value: '42', action: 'upsert' },
  ]),
  resourceCase('from_attribute', [
    { key: 'copied', from_attribute: 'service.name', action: 'insert' },
    { key: 'copied.map', from_attribute: 'map', action: 'upsert' },
    { key: 'copied.absent', from_attribute: 'absent', action: 'upsert' },
    { key: 'host.name', from_attribute: 'service.name', action: 'update' },
  ]),
  resourceCase('actions in order, each on the result of the one before', [
    { key: 'a', value: '1', action: 'insert' },
    { key: 'b', from_attribute: 'a', action: 'insert' },
    { key: 'a', action: 'delete' },
    { key: 'b', value: '2', action: 'update' },
    { key: 'service.name', action: 'delete' },
    { key: 'service.name', value: 'again', action: 'insert' },
  ]),
  resourceCase(
    'resources that are missing, empty or have a key twice',
    [
      { key: 'twice', value: 'new', action: 'update' },
      { key: 'added', value: 'v', action: 'insert' },
    ],
    oddResources,
  ),
  resourceCase('delete by a pattern', [
    { pattern: '^(double|int)\\.', action: 'delete' },
    { key: 'text', pattern: 'host', action: 'delete' },
  ]),
  resourceCase('default_value where from_attribute is absent', [
    { key: 'a', from_attribute: 'absent', default_value: 'fallback', action: 'insert' },
    { key: 'b', from_attribute: 'service.name', default_value: 'fallback', action: 'upsert' },
  ]),
  resourceCase('values that are lists and maps of one key: of more, the Collector draws the order', [
    { key: 'v.list', value: ['a', 1, true, 1.5], action: 'upsert' },
    { key: 'v.map', value: { a: { b: 1 } }, action: 'upsert' },
  ]),
  resourceCase(
    'hash, of every type of value',
    EVERY_VALUE.map(({ key }) => ({ key, action: 'hash' })),
  ),
  resourceCase('hash by a pattern', [{ pattern: '^service', action: 'hash' }]),
  resourceCase('extract by named groups', [
    { key: 'service.name', pattern: '^(?P<first>.)(?P<rest>.*)$', action: 'extract' },
    { key: 'host.name', pattern: '^nothing(?P<never>.*)$', action: 'extract' },
    { key: 'int.max', pattern: '(?P<digits>.*)', action: 'extract' },
  ]),
  ...(['int', 'double', 'string'] as const).map((type) =>
    resourceCase(`convert every type of value to ${type}`, [
      { key: 'number.text', value: '42', action: 'insert' },
      { key: 'fraction.text', value: '-1.5e3', action: 'insert' },
      { key: 'spaced.text', value: ' 7', action: 'insert' },
      ...[...EVERY_VALUE.map(({ key }) => key), 'number.text', 'fraction.text', 'spaced.text'].map((key) => ({
        key,
        action: 'convert',
        converted_type: type,
      })),
    ]),
  ),
  resourceCase('an action in capitals', [{ key: 'new', value: 'v', action: 'INSERT' }]),
];
