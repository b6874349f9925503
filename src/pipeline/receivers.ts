import type { LoadedResource } from '../apis/index.ts';
import type { NamespaceSelection, OtlpReceiverNode, ReceiverNode } from './graph.ts';
import { sourceOf } from './node-source.ts';

/** The inputs that are switched on, in a cluster. One that the user wrote nothing about has no source. */
export function receiversOf(loaded: LoadedResource): readonly ReceiverNode[] {
  return otlpReceivers(loaded);
}

function otlpReceivers(loaded: LoadedResource): readonly OtlpReceiverNode[] {
  const { resource } = loaded;
  if (resource.kind === 'TracePipeline') return [{ kind: 'receiver', type: 'otlp' }];
  const { enabled, namespaces = {} } = resource.spec.input.otlp;
  if (!enabled) return [];
  const selection = namespaceSelection(namespaces);
  return [
    {
      kind: 'receiver',
      type: 'otlp',
      ...(selection === undefined ? {} : { namespaces: selection }),
      ...sourceOf(loaded, ['spec', 'input', 'otlp']),
    },
  ];
}

/** Undefined for one that takes every namespace. */
function namespaceSelection({ include = [], exclude = [] }: NamespaceSelection): NamespaceSelection | undefined {
  if (include.length > 0) return { include };
  return exclude.length > 0 ? { exclude } : undefined;
}
