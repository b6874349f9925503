import { type WritableSection, writeClassic } from '../../fluentbit/index.ts';
import type { FluentBitGraph, FluentBitPlan, SecretText } from '../../pipeline/index.ts';
import type { ClusterSettings } from '../../topology/index.ts';
import type { BlockSource } from '../otelcol/rendered-config.ts';
import { awsCredentials } from './aws-credentials.ts';
import { ENRICH_LUA } from './enrich-lua.ts';
import { Environment, entry } from './environment.ts';
import { sandboxedLua } from './lua-script.ts';
import {
  AWS_CREDENTIALS_FILE,
  CONFIG_FILE,
  DATA_FOLDER,
  ENRICH_SCRIPT,
  filePath,
  PARSERS_FILE,
  tlsPath,
} from './names.ts';
import { parsersConfig } from './parsers.ts';
import { luaVariables, pipelineSections, type SourcedSection } from './pipeline-sections.ts';
import type { RenderedFluentBit } from './rendered-fluent-bit.ts';

export interface FluentBitWorkload extends FluentBitPlan {
  readonly cluster: ClusterSettings;
}

/** Parsers that come with Fluent Bit's image. */
const SHIPPED_PARSERS_FILE = '/fluent-bit/etc/parsers.conf';

/** No health check by failing outputs: one backend that is down would restart the process of all pipelines. */
const SERVICE: WritableSection = {
  name: 'SERVICE',
  entries: [
    entry('daemon', 'off'),
    entry('flush', '1'),
    entry('log_level', 'warn'),
    entry('parsers_file', SHIPPED_PARSERS_FILE),
    entry('parsers_file', PARSERS_FILE),
    entry('http_server', 'on'),
    entry('http_listen', '0.0.0.0'),
    entry('http_port', '2020'),
    entry('storage.path', `${DATA_FOLDER}/flb-storage/`),
    entry('storage.metrics', 'on'),
  ],
};

/** The Fluent Bit of a cluster as files. Secrets are references to its environment, or files of their own. */
export function renderFluentBit({ pipelines, parsers, cluster }: FluentBitWorkload): RenderedFluentBit {
  const files: Record<string, string> = { [PARSERS_FILE]: parsersConfig(parsers) };
  const secretFiles: Record<string, SecretText> = {};
  const variables: Record<string, SecretText> = {};
  const sections: SourcedSection[] = [SERVICE];
  for (const graph of pipelines) {
    const environment = new Environment(graph);
    sections.push(...pipelineSections(graph, cluster, environment));
    Object.assign(files, userFiles(graph, environment));
    Object.assign(secretFiles, keyFiles(graph), tlsFiles(graph));
    Object.assign(variables, environment.variables);
    if (graph.output.type === 'http') files[ENRICH_SCRIPT] = ENRICH_LUA;
  }
  const credentials = awsCredentials(pipelines);
  if (credentials !== undefined) {
    secretFiles[AWS_CREDENTIALS_FILE] = credentials;
    variables['AWS_SHARED_CREDENTIALS_FILE'] = { text: AWS_CREDENTIALS_FILE, from: [] };
  }
  return {
    files: { [CONFIG_FILE]: writeClassic(sections), ...files },
    secretFiles,
    ...splitSecrets(variables),
    sourceMap: sourceMapOf(sections),
  };
}

function userFiles(graph: FluentBitGraph, environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    graph.files
      .filter((file) => !holdsKey(file))
      .map(({ name, content, script }) => {
        if (!script) return [filePath(graph, name), content];
        const options = { name, calls: callsOf(graph, name), variables: luaVariables(graph, environment) };
        return [filePath(graph, name), `${sandboxedLua(content, options)}\n`];
      }),
  );
}

/** Files of the user's that are the secret themselves. */
function keyFiles(graph: FluentBitGraph): Readonly<Record<string, SecretText>> {
  const keys = graph.files.filter(holdsKey);
  return Object.fromEntries(keys.map(({ name, content }) => [filePath(graph, name), { text: content, from: [] }]));
}

function holdsKey({ content }: FluentBitGraph['files'][number]): boolean {
  return content.includes('PRIVATE KEY-----');
}

/** The functions of a script that filters call. */
function callsOf({ filters }: FluentBitGraph, script: string): readonly string[] {
  const users = filters.filter(({ plugin, entries }) => {
    const parts = entries.filter(({ key }) => key === 'script').flatMap(({ value }) => value);
    return plugin === 'lua' && parts.some((part) => typeof part === 'object' && 'file' in part && part.file === script);
  });
  const calls = users.flatMap(({ entries }) => entries.filter(({ key }) => key === 'call'));
  return [...new Set(calls.map(({ value }) => value.join('')))].sort();
}

function tlsFiles(graph: FluentBitGraph): Readonly<Record<string, SecretText>> {
  if (graph.output.type !== 'http') return {};
  const { ca, cert, key } = graph.output.tls;
  return {
    ...(ca === undefined ? {} : { [tlsPath(graph, 'ca.crt')]: ca }),
    ...(cert === undefined ? {} : { [tlsPath(graph, 'tls.crt')]: cert }),
    ...(key === undefined ? {} : { [tlsPath(graph, 'tls.key')]: key }),
  };
}

function splitSecrets(
  variables: Readonly<Record<string, SecretText>>,
): Pick<RenderedFluentBit, 'secrets' | 'missingSecrets'> {
  const secrets: Record<string, string> = {};
  const missingSecrets: Record<string, SecretText> = {};
  for (const name of Object.keys(variables).sort()) {
    const secret = variables[name]!;
    if (secret.text === undefined) missingSecrets[name] = secret;
    else secrets[name] = secret.text;
  }
  return { secrets, missingSecrets };
}

/** Lines of headers: every section has one line for it, one for each entry, and an empty one behind. */
function sourceMapOf(sections: readonly SourcedSection[]): Readonly<Record<string, BlockSource>> {
  const map: Record<string, BlockSource> = {};
  let line = 1;
  for (const { entries, source } of sections) {
    if (source !== undefined) map[`${CONFIG_FILE}:${line}`] = source;
    line += entries.length + 2;
  }
  return map;
}
