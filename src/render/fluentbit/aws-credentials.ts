import { optionsOf } from '../../fluentbit/index.ts';
import type { FluentBitGraph, SecretText } from '../../pipeline/index.ts';
import { type Entry, entry } from './environment.ts';
import { pipelineKey } from './names.ts';

/** What plugins of AWS look for in the environment of their process, and the same in a file of credentials. */
const PROPERTIES = {
  AWS_ACCESS_KEY_ID: 'aws_access_key_id',
  AWS_SECRET_ACCESS_KEY: 'aws_secret_access_key',
  AWS_SESSION_TOKEN: 'aws_session_token',
} as const;
const NEEDED: readonly string[] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/**
 * The option by which an output of AWS finds the credentials of its own pipeline. Upstream gives `variables` to the process
 * under their own names, where such a plugin finds them without a word of it in its section, and so does every other pipeline's.
 */
export function awsProfile(graph: FluentBitGraph): readonly Entry[] {
  const { output } = graph;
  if (output.type !== 'custom' || !NEEDED.every((name) => graph.variables.some((one) => one.name === name))) return [];
  const options = optionsOf('output', output.plugin);
  if (options?.has('profile')) return [entry('profile', profileName(graph))];
  const signs = output.entries.some(({ key }) => key === 'aws_auth');
  return signs && options?.has('aws_profile') ? [entry('aws_profile', profileName(graph))] : [];
}

/** The file of credentials, with a profile for each pipeline that has its own; undefined without any. */
export function awsCredentials(pipelines: readonly FluentBitGraph[]): SecretText | undefined {
  const users = pipelines.filter((graph) => awsProfile(graph).length > 0);
  if (users.length === 0) return undefined;
  const profiles = users.map(profileOf);
  const values = users.flatMap((graph) => credentialsOf(graph).map(({ value }) => value));
  const from = new Map(values.flatMap((value) => value.from).map((ref) => [JSON.stringify(ref), ref]));
  return {
    ...(profiles.includes(undefined) ? {} : { text: profiles.join('') }),
    from: [...from.values()],
    form: 'AWS profiles from',
  };
}

/** A pipeline of the name `default` must not be the one of those who name none. */
function profileName(graph: FluentBitGraph): string {
  return `sluice-${pipelineKey(graph)}`;
}

function profileOf(graph: FluentBitGraph): string | undefined {
  const lines = credentialsOf(graph).map(({ name, value }) =>
    value.text === undefined ? undefined : `${PROPERTIES[name]}=${firstWord(value.text)}\n`,
  );
  return lines.includes(undefined) ? undefined : `[${profileName(graph)}]\n${lines.join('')}`;
}

/** Keys hold no blanks; behind a line break would stand the profile of somebody else. */
function firstWord(text: string): string {
  return text.trim().split(/\s/, 1)[0]!;
}

function credentialsOf({ variables }: FluentBitGraph) {
  return variables.flatMap(({ name, value }) =>
    Object.hasOwn(PROPERTIES, name) ? [{ name: name as keyof typeof PROPERTIES, value }] : [],
  );
}
