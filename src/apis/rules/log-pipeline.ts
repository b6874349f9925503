import type { Path } from '../../diagnostics/index.ts';
import type { RuleContext } from './rule-context.ts';

const RUNTIME = ['spec', 'input', 'runtime'];

/** Fields that only Fluent Bit carries out. */
const FLUENT_BIT: readonly Path[] = [
  [...RUNTIME, 'dropLabels'],
  [...RUNTIME, 'keepAnnotations'],
  ['spec', 'filters'],
  ['spec', 'files'],
  ['spec', 'variables'],
];

/** Fields that Fluent Bit cannot carry out. */
const COLLECTOR: readonly Path[] = [
  ['spec', 'input', 'otlp'],
  ['spec', 'transform'],
  ['spec', 'filter'],
];

/** An output of Fluent Bit and one of the Collector take different fields. */
export function checkLogPipeline(context: RuleContext): void {
  const output = Object.keys(context.object(['spec', 'output']) ?? {}).find(
    (name) => context.at(['spec', 'output', name]) !== undefined,
  );
  if (output === undefined) return;
  const isFluentBit = output === 'http' || output === 'custom';
  for (const path of isFluentBit ? COLLECTOR : FLUENT_BIT) {
    if (!isUsed(context.at(path))) continue;
    context.report('SL0114', path, `is not available with the output \`${output}\``, {
      part: 'key',
      label: isFluentBit ? 'Fluent Bit does not have this' : 'only Fluent Bit has this',
      related: context.related(['spec', 'output', output], 'the output'),
      help: isFluentBit ? 'remove it, or use `output.otlp`' : 'remove it',
    });
  }
}

/** An empty list asks for nothing. */
function isUsed(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}
