import { suggest } from '../../diagnostics/index.ts';
import { RUNTIME_METRICS, UNREAD_RUNTIME_METRICS } from '../runtime-metrics.ts';
import type { RuleContext } from './rule-context.ts';

const RUNTIME = ['spec', 'input', 'runtime'];

/** The names of `additionalMetrics` are a fixed list, which the schema leaves open, as upstream's does; only an input that is on is looked at. */
export function checkAdditionalMetrics(context: RuleContext): void {
  if (context.at([...RUNTIME, 'enabled']) !== true) return;
  const path = [...RUNTIME, 'additionalMetrics'];
  context.list(path).forEach((name, index) => {
    if (typeof name !== 'string' || RUNTIME_METRICS.has(name)) return;
    if (UNREAD_RUNTIME_METRICS.includes(name)) {
      context.report('SL0119', [...path, index], 'is a metric that this version does not collect', {
        severity: 'warning',
        label: 'no data of it',
        help: 'remove it; the other metrics are collected',
      });
      return;
    }
    const near = suggest(name, RUNTIME_METRICS.keys());
    context.report('SL0118', [...path, index], 'is not a metric that `runtime` can take', {
      label: 'no such metric',
      help: near === undefined ? 'use a name of the list in docs/spec/metric-agent.md' : `did you mean \`${near}\`?`,
    });
  });
}

const CONTAINER = /^[-a-zA-Z0-9*?]+$/;

/**
 * Names of containers become parts of paths on the node, for Fluent Bit in a list of them, in which it replaces variables: a
 * slash would lead out of the folder of the Pods, a comma to another path.
 */
export function checkContainerNames(context: RuleContext): void {
  for (const list of ['include', 'exclude']) {
    const path = [...RUNTIME, 'containers', list];
    context.list(path).forEach((name, index) => {
      if (typeof name !== 'string' || CONTAINER.test(name)) return;
      context.report('SL0105', [...path, index], 'is not the name of a container', {
        label: 'letters, digits and `-`; `*` stands for any',
        help: 'write the name as the Pod has it',
      });
    });
  }
}
