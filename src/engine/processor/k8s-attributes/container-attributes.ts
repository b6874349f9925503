import type { AttributeValue, ResourceAttributes } from '../../../pdata/index.ts';
import { canonicalImage, parseImage } from './image-reference.ts';
import type { ContainerStatus, KnownContainer, KnownPod } from './known-pod.ts';
import type { Metadata } from './metadata.ts';

/** What an attribute without a value gets; one that has a value keeps it. */
export function setIfEmpty(attributes: ResourceAttributes, key: string, value: string): void {
  const before = attributes.text(key);
  if (before === undefined || before === '') attributes.set(key, value);
}

/**
 * Adds what is known of the container that data comes from: the one it names, or the only one there is. Source:
 * addContainerAttributes and extractPodContainersAttributes at 0.149.
 */
export function addContainerAttributes(
  attributes: ResourceAttributes,
  pod: KnownPod,
  metadata: ReadonlySet<Metadata>,
): void {
  const container = containerOf(attributes, pod, metadata);
  if (container === undefined) return;
  const tell = (name: Metadata, value: string | undefined) => {
    if (metadata.has(name) && value !== undefined && value !== '') setIfEmpty(attributes, name, value);
  };
  const image = container.image === undefined ? undefined : parseImage(container.image);
  const hasStatus = container.statuses.length > 0;
  tell('k8s.container.name', hasStatus ? container.name : undefined);
  tell('container.image.name', image?.repository);
  tell('container.image.tag', image === undefined ? undefined : (image.tag ?? 'latest'));
  tell('service.instance.id', hasStatus ? `${pod.namespace}.${pod.name}.${container.name}` : undefined);
  tell('service.version', [image?.tag, image?.digest].filter((part) => part !== undefined).join('@'));
  const run = runOf(attributes, container);
  if (run === undefined) return;
  const tellNew = (name: Metadata, value: AttributeValue | undefined) => {
    if (metadata.has(name) && value !== undefined && attributes.text(name) === undefined) attributes.set(name, value);
  };
  const digest = canonicalImage(run.imageId);
  tellNew('container.id', run.containerId === '' ? undefined : run.containerId);
  tellNew('container.image.repo_digests', digest === undefined ? undefined : [digest]);
}

function containerOf(
  attributes: ResourceAttributes,
  { containers }: KnownPod,
  metadata: ReadonlySet<Metadata>,
): KnownContainer | undefined {
  const name = attributes.string('k8s.container.name') ?? '';
  const known = readsImages(metadata) ? containers : containers.filter(({ statuses }) => statuses.length > 0);
  if (name !== '') return known.find((one) => one.name === name);
  const id = attributes.string('container.id') ?? '';
  if (id !== '') return known.find(({ statuses }) => statuses.some((one) => one.containerId === id));
  const started = known.filter(({ statuses }) => statuses.length > 0);
  const ids = new Set(started.flatMap(({ statuses }) => statuses.map(({ containerId }) => containerId)));
  // Those that have not been started have the same empty id.
  if (ids.size === 1) return started.at(-1);
  return known.length === 1 ? known[0] : undefined;
}

/** Without these, only containers that have a status count. */
function readsImages(metadata: ReadonlySet<Metadata>): boolean {
  return IMAGE_METADATA.some((name) => metadata.has(name));
}

const IMAGE_METADATA: readonly Metadata[] = [
  'container.image.name',
  'container.image.tag',
  'service.version',
  'service.instance.id',
];

/** The run of the container that data names by its count of restarts, else the latest. */
function runOf(attributes: ResourceAttributes, { statuses }: KnownContainer): ContainerStatus | undefined {
  const told = attributes.text('k8s.container.restart_count');
  if (told !== undefined) return statuses.find(({ restartCount }) => String(restartCount) === told);
  return statuses.reduce<ContainerStatus | undefined>(
    (latest, one) => (latest === undefined || one.restartCount > latest.restartCount ? one : latest),
    undefined,
  );
}
