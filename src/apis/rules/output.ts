import type { Path } from '../../diagnostics/index.ts';
import type { RuleContext } from './rule-context.ts';

const OUTPUT: Path = ['spec', 'output'];

/** A pipeline has exactly one of the outputs of its kind, `names`. */
export function checkOutput(context: RuleContext, names: readonly string[]): void {
  const output = context.object(OUTPUT);
  if (!output) return;
  const present = names.filter((name) => output[name] !== undefined && output[name] !== null && output[name] !== '');
  if (present.length > 1)
    reportSecond(
      context,
      Object.keys(output).filter((name) => present.includes(name)),
    );
  // A misspelt output is reported as such; that none is left is no news then.
  else if (present.length === 0 && Object.keys(output).every((name) => names.includes(name))) {
    reportNone(context, output, names);
  }
  lintFile(context);
}

function reportSecond(context: RuleContext, [first, second]: readonly string[]): void {
  context.report('SL0108', [...OUTPUT, second!], 'is a second output; a pipeline must have exactly one', {
    part: 'key',
    label: 'second output',
    related: context.related([...OUTPUT, first!], 'first output'),
    help: 'write another pipeline for it; each pipeline has its own buffer',
  });
}

function reportNone(context: RuleContext, output: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const empty = Object.keys(output).find((name) => output[name] === null);
  if (empty !== undefined) {
    context.report('SL0108', [...OUTPUT, empty], 'has no value', {
      part: 'key',
      label: 'without a value, this is no output',
      help: `write \`${empty}: {}\`, with its settings if it has any`,
    });
    return;
  }
  context.report('SL0108', OUTPUT, 'must have exactly one output', {
    part: 'key',
    label: 'no output here',
    help: `add one of ${names.map((name) => `\`${name}\``).join(', ')}`,
  });
}

function lintFile(context: RuleContext): void {
  const file = [...OUTPUT, 'file'];
  if (!context.object(file) || context.at([...file, 'rotation']) !== undefined) return;
  context.report('SL0305', file, 'has no rotation: the file grows without limit', {
    severity: 'warning',
    part: 'key',
    label: 'never rotated',
    help: 'add `rotation: { maxSize: 100Mi, maxBackups: 10 }`',
  });
}
