import {
  configObjects,
  describeSecret,
  type RenderedConfig,
  type RenderedFluentBit,
  renderedYaml,
  type WorkloadFiles,
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
  readonly namespace: string;
  readonly sourceMap: boolean;
  /** The line at the top of each file. */
  readonly header: (component: string, program: string) => string;
}

/** The only workload that is not a Collector. */
export const FLUENT_BIT = 'fluent-bit';

export function renderedDocuments(compiled: Compiled, options: DocumentOptions): readonly RenderedDocument[] {
  const collectors = [...compiled.rendered, ...compiled.agents];
  const { fluentBit } = compiled;
  switch (options.target) {
    case 'fluentbit':
      return fluentBit === undefined ? [] : fluentBitFiles(fluentBit, options);
    case 'k8s':
      return [
        ...collectors.map((one) => configMap(one, options)),
        ...(fluentBit === undefined ? [] : [fluentBitConfigMap(fluentBit, options)]),
      ];
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

/** The content holds neither the header nor the user's lines: a comment moved in a manifest must not roll Pods. */
function configMap(rendered: RenderedConfig, options: DocumentOptions): RenderedDocument {
  const { workload, secrets, missingSecrets } = rendered;
  const variables = { ...fromManifests(secrets), ...missingSecrets };
  const files = { 'relay.conf': renderedYaml(rendered, { sourceMap: false }) };
  return objectsDocument({ workload, files, variables }, options);
}

function fluentBitConfigMap(rendered: RenderedFluentBit, options: DocumentOptions): RenderedDocument {
  const { secretFiles, secrets, missingSecrets } = rendered;
  // A key of a ConfigMap holds no slash.
  const files = Object.fromEntries(Object.entries(rendered.files).map(([path, text]) => [keyOf(path), text]));
  const variables = { ...fromManifests(secrets), ...missingSecrets, ...secretFiles };
  return objectsDocument({ workload: FLUENT_BIT, files, variables }, options);
}

function objectsDocument(files: WorkloadFiles, { namespace, header }: DocumentOptions): RenderedDocument {
  const { workload } = files;
  const text = `# ${header(workload, 'k8s')}\n${configObjects(namespace, files)}`;
  return { component: workload, file: `${workload}.yaml`, text };
}

function keyOf(path: string): string {
  return path.replace(/^\/+/, '').replaceAll('/', '.');
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
