import { sha256 } from '../lib/index.ts';
import { type PipelineGraph, qualifiedName } from '../pipeline/index.ts';
import type { Distribution } from './distribution.ts';
import { workloadName } from './workload-names.ts';

/** Room for a prefix of an installation, and for what Kubernetes adds to the names of pods, within its 63 characters. */
const LONGEST = 42;
const HASH_CHARACTERS = 12;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

const PREFIX = { traces: 'trace-dispatcher-', metrics: 'metric-dispatcher-', logs: 'log-dispatcher-' } as const;

/** What of a program decides about a name. */
interface Runner {
  readonly distribution?: Pick<Distribution, 'name'>;
  readonly inCluster?: boolean;
}

/** A name that could be one of those with a hash. */
const HASHED = new RegExp(`-[a-z2-7]{${HASH_CHARACTERS}}$`);

/**
 * `trace-dispatcher-jaeger`: the same as long as the pipeline has its name, another one for every pipeline, and a name for
 * every kind of Kubernetes object. Names of pipelines may be longer and have dots: those are cut, and end in a hash of the whole.
 */
export function dispatcherName(
  graph: PipelineGraph,
  { distribution = { name: 'otelcol' }, inCluster = false }: Runner = {},
): string {
  const prefix = workloadName(PREFIX[graph.signal], distribution, inCluster);
  const room = LONGEST - prefix.length;
  const { name } = graph;
  if (name.length <= room && /^[a-z0-9-]+$/.test(name) && !HASHED.test(name)) return prefix + name;
  const start = name.replace(/[^a-z0-9]+/g, '-').slice(0, room - HASH_CHARACTERS - 1);
  return `${prefix}${start.replace(/-+$/, '')}-${hashOf(qualifiedName(graph))}`;
}

function hashOf(text: string): string {
  return [...sha256(text).subarray(0, HASH_CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
