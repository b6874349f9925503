import { ALL_SIGNALS, type DifferentialCase, everySignal, send } from '../case.ts';
import { type Input, plainInput, richInput } from '../inputs.ts';

const few = { resources: 2, scopes: 2, items: 5 };
const plain = ALL_SIGNALS.map((signal) => plainInput(signal, 'plain', few));

function debugCase(name: string, debug: object, inputs: readonly Input[]): DifferentialCase {
  return {
    name: `debug exporter: ${name}`,
    config: () => ({
      exporters: { debug: { use_internal_logger: false, ...debug } },
      pipelines: everySignal({ exporters: ['debug'] }),
    }),
    steps: inputs.map((input) => send(input, { protocol: 'http' })),
    alsoCompare: ['stdout'],
    expectedItems: 0,
  };
}

export const debugCases: readonly DifferentialCase[] = [
  ...['basic', 'normal', 'detailed'].map((verbosity) => debugCase(verbosity, { verbosity }, plain)),
  debugCase('basic, every kind of item and value', { verbosity: 'basic' }, ALL_SIGNALS.map(richInput)),
  debugCase('normal, every kind of item and value', { verbosity: 'normal' }, ALL_SIGNALS.map(richInput)),
  debugCase('detailed, every kind of item and value', { verbosity: 'detailed' }, ALL_SIGNALS.map(richInput)),
  debugCase(
    'sampling: the first two a second, then every third',
    { verbosity: 'basic', sampling_initial: 2, sampling_thereafter: 3 },
    Array.from({ length: 9 }, (_, i) => plainInput('logs', 'sampled', { resources: 1, scopes: 1, items: i + 1 })),
  ),
];
