import type { LoadedResource } from '../apis/index.ts';
import type { Issue } from '../diagnostics/index.ts';
import type { CollectingReceiverNode, ReceiverNode } from './graph.ts';
import { receiversOf } from './receivers.ts';

/** The fields of inputs that read a cluster. */
const FIELDS: Readonly<Record<CollectingReceiverNode['type'], string>> = {
  runtime: 'runtime',
  prometheus: 'prometheus',
  istio: 'istio',
  'container-logs': 'runtime',
};

/**
 * The inputs that can run where the result runs, and what became of the others. One that nobody wrote is left out without a
 * word: containers' logs are taken by default, and whoever has no cluster expects none.
 */
export function inputsHere(
  loaded: LoadedResource,
  cluster: boolean,
): { readonly receivers: readonly ReceiverNode[]; readonly issues: readonly Issue[] } {
  const all = receiversOf(loaded);
  const receivers = cluster ? all : all.filter(({ type }) => type === 'otlp');
  const left = all.filter((receiver) => !receivers.includes(receiver)).filter(isCollecting);
  const written = left.filter(({ source }) => source !== undefined);
  const issues = written.map((receiver) => needsCluster(loaded, receiver));
  return { receivers, issues: receivers.length > 0 ? issues : [...issues, idle(loaded, left)] };
}

function isCollecting(receiver: ReceiverNode): receiver is CollectingReceiverNode {
  return receiver.type !== 'otlp';
}

function needsCluster({ document }: LoadedResource, { type, source }: CollectingReceiverNode): Issue {
  const path = ['spec', 'input', FIELDS[type]];
  return {
    code: 'SL0613',
    severity: 'warning',
    message: `input \`${FIELDS[type]}\` reads a cluster; this machine has none`,
    path: document.written(path),
    ...(source === undefined ? {} : { span: source.span }),
    label: 'collects nothing here',
    help: 'the other inputs of the pipeline run; in a cluster this one does, too',
  };
}

function idle({ resource, document }: LoadedResource, left: readonly CollectingReceiverNode[]): Issue {
  const path = ['spec', 'input', 'otlp', 'enabled'];
  return {
    code: 'SL0307',
    severity: 'warning',
    message: `${resource.kind} \`${resource.metadata.name}\` has no input, so it gets no data and does not run`,
    path: document.written(path),
    span: document.nearestSpan(path),
    label: left.length === 0 ? 'every input is switched off' : 'its other inputs are in a cluster',
    help: 'switch it on, or remove it',
  };
}
