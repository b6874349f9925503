import { checkSchema, type Issue, type Path, type SourceDocument } from '../diagnostics/index.ts';
import { parseDuration } from '../lib/index.ts';
import { manifestSchema } from './kinds.ts';
import { RuleContext } from './rules/rule-context.ts';
import { checkSize } from './rules/size.ts';

const LEAST_MEMORY = '64Mi';
const SIGNALS = ['trace', 'metric', 'log'] as const;

/** Everything wrong with a Telemetry. SL0321 says that it is another than the one that counts. */
export function checkTelemetry(apiVersion: string, document: SourceDocument): readonly Issue[] {
  const bySchema = checkSchema(document.value, manifestSchema('Telemetry', apiVersion), { document });
  const context = new RuleContext(document);
  checkName(context);
  for (const signal of SIGNALS) {
    checkSize(context, ['spec', signal, 'gateway', 'memory'], LEAST_MEMORY);
    checkScaling(context, ['spec', signal, 'gateway', 'scaling']);
  }
  checkPriority(context);
  for (const input of [[], ['runtime'], ['prometheus'], ['istio']])
    checkInterval(context, ['spec', 'metric', ...input, 'collectionInterval']);
  checkSharding(context);
  const labels = ['spec', 'enrichments', 'extractPodLabels'];
  for (const index of context.list(labels).keys()) checkPodLabel(context, [...labels, index]);
  return [...bySchema, ...context.issues];
}

function checkName(context: RuleContext): void {
  const name = context.text(['metadata', 'name']);
  if (name === undefined || name === '' || name === 'default') return;
  context.report('SL0321', ['metadata', 'name'], 'is not `default`, so this Telemetry has no effect', {
    severity: 'warning',
    label: 'left out',
    help: 'call it `default`; its settings count for all pipelines',
  });
}

function checkSharding(context: RuleContext): void {
  const path = ['spec', 'metric', 'agent', 'sharding', 'strategy'];
  const strategy = context.text(path);
  if (strategy !== 'Hash' && strategy !== 'Weighted') return;
  context.report('SL0106', path, 'is not supported yet: the agent of each node reads its own node', {
    severity: 'warning',
    label: 'without effect',
    help: 'use `Node`',
  });
}

/** The stock Collector has nothing that shares memory among signals. */
function checkPriority(context: RuleContext): void {
  const distribution = ['spec', 'collector', 'distribution'];
  if (context.at(distribution) !== 'otelcol') return;
  for (const signal of SIGNALS) {
    const path = ['spec', signal, 'gateway', 'priority'];
    if (context.at(path) === undefined) continue;
    context.report('SL0114', path, 'must not stand beside `distribution: otelcol`', {
      part: 'key',
      label: 'the OpenTelemetry Collector has no priorities',
      related: context.related(distribution, 'the program'),
      help: 'remove one of the two',
    });
  }
}

function checkScaling(context: RuleContext, path: Path): void {
  const auto = [...path, 'auto'];
  if (!context.object(auto)) return;
  if (context.at([...path, 'type']) !== 'Auto') {
    context.report('SL0114', auto, 'needs `type: Auto`', {
      part: 'key',
      label: 'without effect',
      related: context.related([...path, 'type'], 'the type'),
      help: 'set `type: Auto`, or remove `auto`',
    });
  }
  const [least, most] = ['minReplicas', 'maxReplicas'].map((name) => context.at([...auto, name]));
  if (typeof least !== 'number' || typeof most !== 'number' || least <= most) return;
  context.report('SL0114', [...auto, 'minReplicas'], 'must not be greater than `maxReplicas`', {
    label: `${least} is more than ${most}`,
    related: context.related([...auto, 'maxReplicas'], 'the most'),
    help: 'change one of the two',
  });
}

function checkInterval(context: RuleContext, path: Path): void {
  const interval = context.text(path);
  if (interval === undefined || parseDuration(interval) !== 0) return;
  context.report('SL0113', path, 'must be greater than 0s', { label: 'no time at all', help: 'write it like `30s`' });
}

function checkPodLabel(context: RuleContext, path: Path): void {
  if (!context.object(path)) return;
  const given = ['key', 'keyPrefix'].filter((name) => context.at([...path, name]) !== undefined);
  if (given.length === 1) return;
  if (given.length === 0) {
    context.report('SL0102', path, 'needs `key` or `keyPrefix`', {
      label: 'names no label',
      help: 'add `key: …` for one label, or `keyPrefix: …` for all that begin so',
    });
    return;
  }
  context.report('SL0114', [...path, 'keyPrefix'], 'must not stand beside `key`', {
    part: 'key',
    label: 'second selection',
    related: context.related([...path, 'key'], 'first selection'),
    help: 'write two items',
  });
}
