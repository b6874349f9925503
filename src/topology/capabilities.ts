import type { Issue } from '../diagnostics/index.ts';
import type { NodeSource, PipelineGraph, QueueSetting, RemoteWriteExporterNode } from '../pipeline/index.ts';
import { DISTRIBUTIONS, type Distribution, type Feature } from './distribution.ts';
import { pipelineIssue } from './pipeline-issue.ts';

/** Something a pipeline asks of the program that runs it, and whether one has it. */
interface Demand {
  readonly what: string;
  isMetBy(distribution: Distribution): boolean;
  /** The setting that asks for it; absent: the output. */
  readonly source?: NodeSource | undefined;
}

/** What a pipeline is promised and the distribution keeps for less long; it runs nevertheless. */
export function shortenedDelivery(graph: PipelineGraph, { title, features }: Distribution): Issue | undefined {
  if (graph.exporter.type !== 'prometheusRemoteWrite' || features.includes('remote-write-retries')) return undefined;
  return {
    ...pipelineIssue('SL0310', graph, `${title} tries remote write again for one minute only, and not after a 429`),
    severity: 'warning',
    help: `run this pipeline with ${DISTRIBUTIONS.sluice.title}, which tries for five minutes`,
  };
}

/** The first thing that a pipeline asks for and the distribution cannot do. `by`: an agent has no other program. */
export function lackingCapability(
  graph: PipelineGraph,
  distribution: Distribution,
  by: 'gateway' | 'agent' = 'gateway',
): Issue | undefined {
  const lacking = demands(graph).find((demand) => !demand.isMetBy(distribution));
  if (lacking === undefined) return undefined;
  const others = Object.values<Distribution>(DISTRIBUTIONS).filter((one) => lacking.isMetBy(one));
  return {
    ...pipelineIssue('SL0107', graph, `${distribution.title} has no ${lacking.what}`, lacking.source),
    help: by === 'agent' ? OF_AGENTS : `run this pipeline with ${others.map(withProgram).join(' or ')}`,
  };
}

const OF_AGENTS =
  'remove it, or the inputs of this pipeline that agents read: agents are always the OpenTelemetry Collector';

function withProgram({ name, title }: Distribution): string {
  return name === 'sluice' ? `${title}: \`collector: {distribution: sluice}\` in Telemetry` : title;
}

function demands({ exporter, queue }: PipelineGraph): readonly Demand[] {
  return [...outputDemands(exporter), ...(queue === undefined ? [] : queueDemands(exporter, queue))];
}

function queueDemands({ type }: PipelineGraph['exporter'], queue: QueueSetting): readonly Demand[] {
  const { disk, onFull, maxAgeMs = 0, guarantee, source } = queue;
  const isRemoteWrite = type === 'prometheusRemoteWrite';
  const asked = [
    disk !== undefined && isRemoteWrite
      ? feature('remote-write-queue', 'buffer on disk for the output `prometheusRemoteWrite`')
      : undefined,
    onFull === 'Block' && isRemoteWrite
      ? feature('remote-write-queue', '`onFull: Block` for the output `prometheusRemoteWrite`')
      : undefined,
    onFull !== 'Block' && guarantee !== undefined
      ? feature('dropping-guarantee', 'way to drop what `AtLeastOnce` keeps')
      : undefined,
    onFull === 'DropOldest' ? feature('drop-oldest', '`onFull: DropOldest`') : undefined,
    maxAgeMs > 0 ? feature('max-age', '`maxAge`') : undefined,
  ];
  return asked.flatMap((demand) => (demand === undefined ? [] : [{ ...demand, source }]));
}

function outputDemands(exporter: PipelineGraph['exporter']): readonly Demand[] {
  const output = {
    what: `output \`${exporter.type}\``,
    isMetBy: ({ exporters }: Distribution) => exporters.includes(exporter.type),
  };
  if (exporter.type !== 'otlp' && exporter.type !== 'prometheusRemoteWrite') return [output];
  const { oauth2, tls } = exporter;
  const features = [
    ...(oauth2 === undefined ? [] : [feature('oauth2', 'authentication `oauth2`')]),
    ...(tls.ca === undefined ? [] : [feature('ca', '`tls.ca`')]),
    ...(tls.cert === undefined ? [] : [feature('client-certificate', '`tls.cert`')]),
  ];
  return [output, ...(exporter.type === 'otlp' ? [] : versioned(exporter)), ...features];
}

/** The stock Collector sends 2.0 only behind a feature gate that may go at any release. */
function versioned({ version }: RemoteWriteExporterNode): readonly Demand[] {
  return version === '2.0' ? [feature('remote-write-2.0', '`prometheusRemoteWrite` of version 2.0')] : [];
}

function feature(name: Feature, what: string): Demand {
  return { what, isMetBy: ({ features }) => features.includes(name) };
}
