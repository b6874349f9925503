import { isIP } from 'node:net';
import type { ResourceAttributes } from '../../../pdata/index.ts';
import type { KnownPod } from './known-pod.ts';
import type { K8sAttributesConfig } from './settings.ts';

/** What data says of the Pod it comes from; the same text for the same Pod, whoever makes it. */
export interface Identifier {
  readonly key: string;
  /** The address that the data came from, where that is part of it. */
  readonly address: string | undefined;
}

type Source = { readonly from: 'connection' } | { readonly from: 'resource_attribute'; readonly name: string };

/**
 * How Pods and data find each other. Source: pod_association.go and getIdentifiersFromAssoc at 0.149, which finds some Pod in the
 * network of a node by a `k8s.pod.ip` that is the address of the node; here none is.
 */
export class Associations {
  readonly #associations: readonly (readonly Source[])[];

  constructor(configured: K8sAttributesConfig['pod_association'] = []) {
    this.#associations = configured.map(({ sources = [] }) =>
      sources.map(({ from, name = '' }) =>
        from === 'connection' ? { from } : { from: 'resource_attribute' as const, name },
      ),
    );
  }

  /** By the first association whose sources are all there; undefined without one. `peer`: the address of the connection. */
  ofData(attributes: ResourceAttributes, peer: string | undefined): Identifier | undefined {
    if (this.#associations.length === 0) return unconfigured(attributes, peer);
    for (const sources of this.#associations) {
      const found = identifierOf(sources, attributes, peer);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All keys that data of this Pod may have; `attribute` is what will be added to it. */
  ofPod(pod: KnownPod, attribute: (name: string) => string | undefined): readonly string[] {
    const keys = this.#associations.flatMap((sources) => podKeys(sources, pod, attribute));
    if (pod.uid !== '') keys.push(keyOfParts([attributePart('k8s.pod.uid', pod.uid)]));
    if (pod.ip !== '' && !pod.hostNetwork) {
      keys.push(keyOfParts([connectionPart(pod.ip)]), keyOfParts([attributePart('k8s.pod.ip', pod.ip)]));
    }
    return [...new Set(keys)];
  }
}

function identifierOf(
  sources: readonly Source[],
  attributes: ResourceAttributes,
  peer: string | undefined,
): Identifier | undefined {
  const parts: string[] = [];
  let address: string | undefined;
  for (const source of sources) {
    if (source.from === 'connection') {
      if (peer === undefined) return undefined;
      address = peer;
      parts.push(connectionPart(peer));
      continue;
    }
    const value = attributes.string(source.name) ?? '';
    // Many senders write a name there; only an address says which Pod it is.
    if (value === '' || (source.name === 'host.name' && isIP(value) === 0)) return undefined;
    parts.push(attributePart(source.name, value));
  }
  return parts.length === 0 ? undefined : { key: keyOfParts(parts), address };
}

/** What is tried when nothing is configured. */
function unconfigured(attributes: ResourceAttributes, peer: string | undefined): Identifier | undefined {
  const hostName = attributes.string('host.name') ?? '';
  const address =
    attributes.string('k8s.pod.ip') || attributes.string('ip') || peer || (isIP(hostName) === 0 ? '' : hostName);
  return address === '' ? undefined : { key: keyOfParts([connectionPart(address)]), address };
}

function podKeys(
  sources: readonly Source[],
  pod: KnownPod,
  attribute: (name: string) => string | undefined,
): readonly string[] {
  // All Pods in the network of a node have its address, as has whatever is sent through it: alone it says of none which it is.
  if (pod.hostNetwork && sources.every(isAddress)) return [];
  const parts: string[] = [];
  let containerIdAt = -1;
  for (const [i, source] of sources.entries()) {
    if (source.from === 'connection') {
      if (pod.ip === '' || pod.hostNetwork) return [];
      parts.push(connectionPart(pod.ip));
      continue;
    }
    if (source.name === 'container.id') containerIdAt = i;
    const value = valueOfPod(source.name, pod, attribute);
    if (value === '' && containerIdAt < 0) return [];
    parts.push(attributePart(source.name, value));
  }
  if (parts.length === 0) return [];
  if (containerIdAt < 0) return [keyOfParts(parts)];
  const ids = pod.containers.flatMap(({ statuses }) => statuses.map(({ containerId }) => containerId));
  return ids.map((id) => keyOfParts(parts.with(containerIdAt, attributePart('container.id', id))));
}

function isAddress(source: Source): boolean {
  return source.from === 'connection' || source.name === 'k8s.pod.ip' || source.name === 'host.name';
}

function valueOfPod(name: string, pod: KnownPod, attribute: (name: string) => string | undefined): string {
  switch (name) {
    case 'k8s.namespace.name':
      return pod.namespace;
    case 'k8s.pod.name':
      return pod.name;
    case 'k8s.pod.uid':
      return pod.uid;
    case 'host.name':
    case 'k8s.pod.ip':
      return pod.ip;
    case 'container.id':
      return '';
    default:
      return attribute(name) ?? '';
  }
}

function connectionPart(address: string): string {
  return `@${address}`;
}

function attributePart(name: string, value: string): string {
  return `${name}=${value}`;
}

/** No name of an attribute and no value ends a part: what follows a text of known length cannot be part of it. */
function keyOfParts(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : parts.map((part) => `${part.length}:${part}`).join('');
}
