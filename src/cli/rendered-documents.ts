import { stringify } from 'yaml';
import type { SecretText } from '../pipeline/index.ts';
import {
  describeSecret,
  type Manifest,
  type ManifestOptions,
  type RenderedConfig,
  type RenderedFluentBit,
  renderClusterObjects,
  renderedYaml,
  type WorkloadObjects,
} from '../render/index.ts';
import type { Compiled } from './compile.ts';

export const RENDER_TARGETS = ['otelcol', 'engine', 'fluentbit', 'k8s'] as const;
export type RenderTarget = (typeof RENDER_TARGETS)[number];

/** One file that would run. */
export interface RenderedDocument {
  /** `otlp-gateway`, `fluent-bit` */
  readonly component: string;
  /** Where it goes in an output folder. */
  readonly file: string;
  readonly text: string;
}

export interface DocumentOptions {
  readonly target: RenderTarget;
  /** Of the objects, with target k8s. */
  readonly manifests: Pick<ManifestOptions, 'namespace' | 'images'>;
  readonly sourceMap: boolean;
  /** The line at the top of each file. */
  readonly header: (component: string, program: string) => string;
}

/** The only workload that is not a Collector. */
export const FLUENT_BIT = 'fluent-bit';

/** What belongs to no workload: where senders send to. */
const ENDPOINT = 'endpoint';

export function renderedDocuments(compiled: Compiled, options: DocumentOptions): readonly RenderedDocument[] {
  const collectors = [...compiled.rendered, ...compiled.agents];
  const { fluentBit } = compiled;
  switch (options.target) {
    case 'fluentbit':
      return fluentBit === undefined ? [] : fluentBitFiles(fluentBit, options);
    case 'k8s':
      return objectDocuments(compiled, options);
    default:
      return collectors.map((one) => ({
        component: one.workload,
        file: `${one.workload}.yaml`,
        text: collectorYaml(one, options),
      }));
  }
}

function collectorYaml(rendered: RenderedConfig, { header, sourceMap }: DocumentOptions): string {
  const program = rendered.distribution === 'sluice' ? 'engine' : 'otelcol';
  return renderedYaml(rendered, { header: [header(rendered.workload, program)], sourceMap });
}

/**
 * The objects of each workload, and those of the endpoint. The content of ConfigMaps holds neither the header nor the user's
 * lines: a comment moved in a manifest must not roll Pods. Secrets are a comment: their values are never printed.
 */
function objectDocuments(compiled: Compiled, { header, manifests }: DocumentOptions): readonly RenderedDocument[] {
  const { workloads, shared } = renderClusterObjects(compiled, {
    ...manifests,
    gatewayApi: compiled.topology.endpoint === 'GatewayAPI',
    withoutSecrets: true,
  });
  const document = (component: string, { comment, objects }: { comment: string; objects: readonly Manifest[] }) => {
    const yaml = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
    const text = `# ${header(component, 'k8s')}\n${comment}${yaml.join('---\n')}`;
    return { component, file: `${component}.yaml`, text };
  };
  return [
    document(ENDPOINT, { comment: '', objects: shared }),
    ...workloads.map((one) => document(one.workload, { comment: secretComment(one, compiled), objects: one.objects })),
  ];
}

/** What the Secrets that Pods refer to must hold, for whoever creates them. */
function secretComment({ workload, config }: WorkloadObjects, compiled: Compiled): string {
  const { environment, files } = secretsOf(workload, compiled);
  const keys = Object.fromEntries(config.files.flatMap(({ items }) => items.map(({ key, path }) => [path, key])));
  const secretFiles = config.files.filter(({ kind }) => kind === 'Secret').map(({ name }) => name);
  const inFolder = Object.entries(files).map(([path, secret]) => {
    const key = Object.entries(keys).find(([mounted]) => path.endsWith(`/${mounted}`))?.[1] ?? path;
    return [key, secret] as const;
  });
  return [
    ...config.environment.map((name) => holds(name, 'as environment of its Pods', Object.entries(environment))),
    ...secretFiles.map((name) => holds(name, 'as files of its Pods', inFolder)),
  ].join('');
}

function holds(name: string, how: string, content: readonly (readonly [string, SecretText | undefined])[]): string {
  const lines = content.map(([key, secret]) => {
    const text = secret === undefined || secret.from.length === 0 ? IN_MANIFEST : describeSecret(secret);
    return `#   ${key}: ${text.replace(/[^\x20-\uffff]/g, '\ufffd')}\n`;
  });
  return `# Secret ${name} must hold, ${how}:\n${lines.join('')}`;
}

const IN_MANIFEST = 'a value that stands in a manifest';

function secretsOf(workload: string, { rendered, agents, fluentBit }: Compiled) {
  const one = [...rendered, ...agents].find((config) => config.workload === workload) ?? fluentBit;
  return {
    environment: { ...fromManifests(one?.secrets ?? {}), ...one?.missingSecrets },
    files: one !== undefined && 'secretFiles' in one ? one.secretFiles : {},
  };
}

function fromManifests(secrets: Readonly<Record<string, string>>): Readonly<Record<string, undefined>> {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, undefined]));
}

/** Files of several formats: only the first, a configuration, has a comment at the top. */
function fluentBitFiles(rendered: RenderedFluentBit, { header }: DocumentOptions): readonly RenderedDocument[] {
  const needs = [
    ...Object.keys(rendered.secrets),
    ...Object.entries(rendered.missingSecrets).map(([name, secret]) => `${name}: ${describeSecret(secret)}`),
    ...Object.entries(rendered.secretFiles).map(([path, secret]) => `file ${path}: ${describeSecret(secret)}`),
  ];
  const head = [
    header(FLUENT_BIT, 'fluentbit'),
    ...(needs.length === 0 ? [] : ['needs:', ...needs.map((one) => `  ${one}`)]),
  ];
  const comment = head.map((line) => `# ${line.replace(/[^\x20-\uffff]/g, '\ufffd')}\n`).join('');
  return Object.entries(rendered.files).map(([path, text], index) => ({
    component: FLUENT_BIT,
    file: path.replace(/^\/+/, ''),
    text: index === 0 ? `${comment}\n${text}` : text,
  }));
}
