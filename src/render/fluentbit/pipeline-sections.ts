import type { WritableSection } from '../../fluentbit/index.ts';
import {
  type CustomSection,
  type FluentBitGraph,
  type NodeSource,
  POD_VARIABLES,
  type SectionText,
} from '../../pipeline/index.ts';
import type { ClusterSettings } from '../../topology/index.ts';
import { awsProfile } from './aws-credentials.ts';
import { type Entry, type Environment, entry, onOff, reference } from './environment.ts';
import { httpOutput } from './http-section.ts';
import { sandboxedLua } from './lua-script.ts';
import { DATA_FOLDER, dataFolder, ENRICH_SCRIPT, environmentName, filePath, pipelineKey } from './names.ts';
import { POD_PARSER } from './parsers.ts';

export interface SourcedSection extends WritableSection {
  readonly source?: NodeSource;
}

/** One pipeline from its files to its backend; nothing in it matches the records of another. */
export function pipelineSections(
  graph: FluentBitGraph,
  cluster: ClusterSettings,
  environment: Environment,
): readonly SourcedSection[] {
  const match = `${pipelineKey(graph)}.*`;
  const isMultiline = ({ plugin }: { readonly plugin: string }) => plugin === 'multiline';
  const filter = (name: string, entries: readonly Entry[]) => ({
    name: 'FILTER',
    entries: [entry('name', name), entry('match', match), ...entries],
  });
  const custom = graph.filters.map((section, index) => ({
    section: {
      ...filter(section.plugin, customEntries(graph, { ...section, place: String(index) }, environment)),
      ...sourceOf(section),
    },
    first: isMultiline(section),
  }));
  const isHttp = graph.output.type === 'http';
  return [
    tail(graph, cluster),
    ...custom.filter(({ first }) => first).map(({ section }) => section),
    filter('record_modifier', [entry('record', `cluster_identifier ${clusterName(cluster)}`)]),
    filter('kubernetes', kubernetes(graph)),
    ...(isHttp ? [filter('modify', [entry('copy', 'time @timestamp')])] : []),
    ...custom.filter(({ first }) => !first).map(({ section }) => section),
    ...(isHttp ? [filter('lua', enrichment(graph))] : []),
    output(graph, environment),
  ];
}

interface PlacedText {
  readonly value: SectionText;
  /** Where it stands in the pipeline: the section, `o` for the output, and the line. */
  readonly place: string;
}

/**
 * A value that names variables or files of the pipeline. In front of a variable, a text with a `}` is one itself: there Fluent
 * Bit looks for where the variable ends, and leaves it as it is when that is before it.
 */
function textOf(graph: FluentBitGraph, { value, place }: PlacedText, environment: Environment): string {
  return value
    .map((part, index) => {
      const isBeforeVariable = value.slice(index + 1).some((later) => typeof later === 'object' && !('file' in later));
      if (typeof part === 'string' && !(part.includes('}') && isBeforeVariable)) return part;
      if (typeof part === 'string' || 'secret' in part) {
        const text = typeof part === 'string' ? part : part.secret;
        return environment.ref({ field: 'option', place: `${place}_${index}` }, { text, from: [] });
      }
      if ('file' in part) return filePath(graph, part.file);
      const found = graph.variables.find(({ name }) => name === part.variable);
      if (found === undefined) return podVariable(part.variable);
      return environment.ref({ field: 'var', name: part.variable }, found.value);
    })
    .join('');
}

/** One that no pipeline declared, and every Pod has. */
function podVariable(name: string): string {
  if (!POD_VARIABLES.has(name)) throw new Error(`not declared: ${name}`);
  return `\${${name}}`;
}

function customEntries(
  graph: FluentBitGraph,
  { plugin, entries, place }: Pick<CustomSection, 'plugin' | 'entries'> & { readonly place: string },
  environment: Environment,
): readonly Entry[] {
  const calls = entries.filter(({ key }) => key === 'call').map(({ value }) => value.join(''));
  return entries.map(({ key, value }, index) => {
    const text = textOf(graph, { value, place: `${place}_${index}` }, environment);
    if (plugin !== 'lua' || key !== 'code') return entry(key, text);
    return entry(key, sandboxedLua(text, { name: 'code', calls, variables: luaVariables(graph, environment) }));
  });
}

/** What a script may ask `os.getenv` for. */
export function luaVariables(graph: FluentBitGraph, environment: Environment) {
  return graph.variables.map(({ name, value }) => {
    environment.ref({ field: 'var', name }, value);
    return { name, environment: environmentName(graph, { field: 'var', name }) };
  });
}

const POD_LOGS = '/var/log/pods';

/** Files of containers are chosen before they are read: the others cost nothing. No part of a path here holds an underscore. */
function tail(graph: FluentBitGraph, cluster: ClusterSettings): SourcedSection {
  const key = pipelineKey(graph);
  const { namespaces, containers } = graph.input;
  const path = ({ namespace = '*', pod = '*', container = '*' }) =>
    `${POD_LOGS}/${namespace}_${pod}_*/${container}/*.log`;
  const included = (namespaces.include ?? ['*']).flatMap((namespace) =>
    (containers.include ?? ['*']).map((container) => path({ namespace, container })),
  );
  const excluded = [
    path({ namespace: cluster.namespace, pod: 'telemetry-fluent-bit-*' }),
    path({ namespace: cluster.namespace, pod: 'telemetry-log-agent-*' }),
    ...(namespaces.exclude ?? []).map((namespace) => path({ namespace })),
    ...(containers.exclude ?? []).map((container) => path({ container })),
  ];
  return {
    name: 'INPUT',
    entries: [
      entry('name', 'tail'),
      entry('alias', key),
      entry('tag', `${key}.*`),
      entry('path', included.join(',')),
      entry('exclude_path', excluded.join(',')),
      entry('multiline.parser', 'cri'),
      entry('db', `${DATA_FOLDER}/flb_${key}.db`),
      entry('storage.type', 'filesystem'),
      entry('mem_buf_limit', '5MB'),
      entry('read_from_head', 'true'),
      entry('skip_long_lines', 'on'),
    ],
    ...sourceOf(graph.input),
  };
}

/** Fluent Bit replaces it itself. */
const API_SERVER = reference('KUBERNETES_SERVICE_HOST');

/** As upstream has it; without a name, the address of the API server tells clusters apart. */
function clusterName({ clusterName: name }: ClusterSettings): string {
  if (name === undefined || !/^[-.:/@\w]+$/.test(name)) return API_SERVER;
  return name;
}

function kubernetes(graph: FluentBitGraph): readonly Entry[] {
  const { keepAnnotations, dropLabels, keepOriginalBody } = graph.input;
  return [
    entry('annotations', onOff(keepAnnotations)),
    entry('buffer_size', '1MB'),
    entry('k8s-logging.exclude', 'off'),
    entry('k8s-logging.parser', 'on'),
    entry('keep_log', onOff(keepOriginalBody)),
    entry('kube_tag_prefix', `${pipelineKey(graph)}.var.log.pods.`),
    entry('labels', onOff(!dropLabels)),
    entry('merge_log', 'on'),
    entry('regex_parser', POD_PARSER),
  ];
}

function enrichment(graph: FluentBitGraph): readonly Entry[] {
  const dedot = graph.output.type === 'http' && graph.output.dedot;
  return [entry('script', ENRICH_SCRIPT), entry('call', dedot ? 'dedot_and_enrich_app_name' : 'enrich_app_name')];
}

/** Where plugins keep what they have not sent: in a folder of the pipeline's own. */
const FOLDERS: Readonly<Record<string, string>> = {
  azure_blob: 'buffer_dir',
  azure_kusto: 'buffer_dir',
  gcs: 'store_dir',
  s3: 'store_dir',
};

/** About three days of retries; what waits is bounded, and the oldest goes first. */
const RETRY_LIMIT = '300';
const BUFFER_LIMIT = '1G';

function output(graph: FluentBitGraph, environment: Environment): SourcedSection {
  const key = pipelineKey(graph);
  const { output: node } = graph;
  const own =
    node.type === 'http'
      ? httpOutput(graph, node, environment)
      : customEntries(graph, { ...node, place: 'o' }, environment);
  const plugin = node.type === 'http' ? 'http' : node.plugin;
  const folder = Object.hasOwn(FOLDERS, plugin)
    ? [entry(FOLDERS[plugin]!, dataFolder(graph)), entry('store_dir_limit_size', BUFFER_LIMIT)]
    : [];
  return {
    name: 'OUTPUT',
    entries: [
      entry('name', plugin),
      entry('match', `${key}.*`),
      entry('alias', key),
      ...own,
      ...awsProfile(graph),
      ...folder,
      entry('storage.total_limit_size', BUFFER_LIMIT),
      ...(own.some((one) => one.key === 'retry_limit') ? [] : [entry('retry_limit', RETRY_LIMIT)]),
    ],
    ...sourceOf(node),
  };
}

function sourceOf({ source }: { readonly source?: NodeSource }): { readonly source?: NodeSource } {
  return source === undefined ? {} : { source };
}
