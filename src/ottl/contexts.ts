import type { Signal } from '../pdata/index.ts';
import type { ContextName } from './row.ts';
import type { Path } from './syntax.ts';

/** The contexts whose statements a signal can run, the most particular first: the order in which one is inferred. */
export const SIGNAL_CONTEXTS: Readonly<Record<Signal, readonly ContextName[]>> = {
  traces: ['spanevent', 'span', 'scope', 'resource'],
  metrics: ['datapoint', 'metric', 'scope', 'resource'],
  logs: ['log', 'scope', 'resource'],
};

/** What a signal is counted in. */
export const ITEM_CONTEXT: Readonly<Record<Signal, ContextName>> = {
  traces: 'span',
  metrics: 'datapoint',
  logs: 'log',
};

/** What may stand in front of a path. `instrumentation_scope` is the older name of `scope`. */
export type PathContext = ContextName | 'instrumentation_scope' | 'otelcol';

const SCOPE: readonly PathContext[] = ['scope', 'instrumentation_scope', 'resource', 'otelcol'];

/** What can be reached from a row, by the names of paths. */
const REACH: Readonly<Record<ContextName, readonly PathContext[]>> = {
  resource: ['resource', 'otelcol'],
  scope: ['scope', 'resource', 'otelcol'],
  span: ['span', ...SCOPE],
  spanevent: ['spanevent', 'span', ...SCOPE],
  metric: ['metric', ...SCOPE],
  datapoint: ['datapoint', 'metric', ...SCOPE],
  log: ['log', ...SCOPE],
};

export function isWithinReach(context: ContextName, name: PathContext): boolean {
  return REACH[context].includes(name);
}

const CONTEXT_NAMES: ReadonlySet<string> = new Set<PathContext>([
  ...(Object.keys(REACH) as ContextName[]),
  'instrumentation_scope',
  'otelcol',
]);

/** The context that a path names: its first name, where something follows and it is that of one. */
export function namedContext({ fields }: Path): PathContext | undefined {
  const [first] = fields;
  const isNamed = fields.length > 1 && first!.keys.length === 0 && CONTEXT_NAMES.has(first!.name);
  return isNamed ? (first!.name as PathContext) : undefined;
}

/** The contexts of a signal from which this one can be reached, the most particular first. */
export function lowerContexts(signal: Signal, name: PathContext): readonly ContextName[] {
  return SIGNAL_CONTEXTS[signal].filter((context) => context !== name && isWithinReach(context, name));
}
