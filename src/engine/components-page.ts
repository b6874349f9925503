import type { TSchema } from 'typebox';
import { builtIn } from './registry.ts';

const HEAD = `# What the engine executes

The embedded engine takes the Collector's own configuration (0.149) and executes the components and settings below, with the Collector's
defaults and meaning. Anything else is a finding that names it ([SL0107](diagnostics.md#sl0107)), never ignored. Where it differs is written in
\`test/differential/known-differences.ts\`, case by case, and in the last section.

Generated from the schemas that configurations are checked against.
`;

const LIMITS = `## Where a setting means less than in the Collector

- \`attributes\`, \`resource\`: \`from_context\` knows \`metadata.<header>\`, not \`client.address\` and \`auth.*\`. Patterns are RE2's without
  \`(?i)\`, \`\\p{…}\` and counts too large to be matched in linear time. A strict match compares texts, numbers and booleans, not lists and maps.
- \`filter\`, \`transform\`: OTTL with every context, path and function of the Collector except \`otelcol.*\` and \`UserAgent\`; what differs
  in rare values is listed in \`test/differential/ottl/known-differences.ts\`. No \`include\` and \`exclude\`, no profiles, no \`flatten_data\`.
- \`routing\`: only \`context: request\`, and headers only where the receiver has \`include_metadata: true\` (over gRPC the Collector
  needs no such setting). A pipeline that a \`copy\` and another entry both choose gets the data once.
- \`basicauth\`: passwords in plain, as \`{SHA}\` or as \`{SSHA}\`; bcrypt, MD5 and crypt are refused at start.
- \`bearertokenauth\`: an empty line of \`filename\` is no token.
- \`oauth2client\`: \`grant_type: client_credentials\`; without \`timeout\` it waits 10 s.
- \`tls\`: TLS 1.2 and 1.3, no choice of cipher suites and curves.
- \`auth\` of \`otlp_grpc\` needs TLS, as in the Collector.
- Compression: gzip, zstd and snappy; no deflate and lz4 towards backends, no lz4 from senders.
- \`cumulativetodelta\`: remembers series in up to 64 MiB for each pipeline; the one not heard of for longest goes first, counted in
  \`otelcol_processor_cumulativetodelta_evicted_series\`. What it leaves out counts as filtered.
- \`prometheusremotewrite\`: \`timeout\` bounds one try, \`max_elapsed_time\` all; 429 is tried again; one request at a time, whatever
  \`num_consumers\` and \`max_batch_request_parallelism\` say. No \`wal\`. With 2.0 exemplars, start times and the width of the zero bucket go, too.
- \`k8s_attributes\`: \`auth_type\` is \`serviceAccount\` or \`kubeConfig\`. Of attributes with the older and the newer name the older one, as
  without feature gates. A Deployment is named as soon as its ReplicaSet is known, not at the next change of the Pod. No metrics of its own.
`;

/** The parts of a JSON schema that are looked at. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** The page of `docs/spec` that lists every component and setting. */
export function componentsPage(): string {
  const sections = Object.entries(builtIn).map(([section, specs]) => {
    const rows = [...byFactory(specs)].map(([{ schema }, names]) => {
      const [name, ...others] = names.map((one) => `\`${one}\``);
      const also = others.length === 0 ? '' : `, also ${others.join(', ')}`;
      return `| ${name}${also} | ${settingsOf(schema as Node)} |`;
    });
    return [`## ${section}\n`, '| type | settings |', '| --- | --- |', ...rows, ''].join('\n');
  });
  return `${[HEAD, ...sections, LIMITS].join('\n').trimEnd()}\n`;
}

interface Spec {
  readonly schema: TSchema;
}

/** Some types have an old name, too. */
function byFactory(specs: Readonly<Record<string, Spec>>): ReadonlyMap<Spec, readonly string[]> {
  const names = new Map<Spec, string[]>();
  for (const [name, spec] of Object.entries(specs)) names.set(spec, [...(names.get(spec) ?? []), name]);
  return names;
}

function settingsOf(schema: Node): string {
  const text = membersOf(schema);
  return text === '' ? 'none' : `\`${text}\``;
}

/** `a, b: {c, d}, e: [{f}], g: [text or {h}]`. */
function membersOf({ properties = {} }: Node): string {
  return Object.entries(properties)
    .map(([key, node]) => {
      const group = node.items?.anyOf?.find((one) => one.properties !== undefined);
      if (group !== undefined) return `${key}: [text or {${membersOf(group)}}]`;
      if (node.items?.properties !== undefined) return `${key}: [{${membersOf(node.items)}}]`;
      return node.properties === undefined ? key : `${key}: {${membersOf(node)}}`;
    })
    .join(', ');
}
