import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../run.ts';
import type { Deployment, DeploymentSample } from './deployment.ts';
import type { SinkProcess } from './load-process.ts';
import type { Senders } from './senders.ts';

/** Everything that is looked at once a second. */
export interface Moment {
  /** Since the start of the measurement, ms. */
  readonly atMs: number;
  readonly usage: DeploymentSample;
  /** Different items of each backend so far. */
  readonly delivered: ReadonlyMap<string, number>;
  /** Items by signal. */
  readonly sent: Readonly<Record<string, number>>;
  readonly accepted: number;
  /** Answered with an error, or not at all. */
  readonly refused: number;
  readonly failed: number;
  readonly queueDiskBytes: number;
}

export interface Watched {
  readonly deployment: Deployment;
  readonly senders: Senders;
  readonly sinks: ReadonlyMap<string, SinkProcess>;
  readonly backends: readonly Backend[];
  readonly queueFolder: string;
}

/** What a look needs of it; a cluster has no folder of queues to look at. */
export type Looked = Pick<Watched, 'senders' | 'sinks' | 'backends'> & {
  readonly deployment: Pick<Deployment, 'sample'>;
  readonly queueFolder?: string;
};

export async function lookAt(
  { deployment, senders, sinks, backends, queueFolder }: Looked,
  startMs: number,
): Promise<Moment> {
  const countAll = async () => {
    const [progress, ...stats] = await Promise.all([
      senders.progress(),
      ...backends.map(({ name }) => sinks.get(name)!.stats()),
    ]);
    return { progress, stats, atMs: performance.now() - startMs };
  };
  // A busy gateway takes its time to tell its own metrics; the counts are of before that, and so is the clock.
  const [{ progress, stats, atMs }, usage] = await Promise.all([countAll(), deployment.sample()]);
  const sent: Record<string, number> = {};
  for (const { signal, report } of progress) sent[signal] = (sent[signal] ?? 0) + report.sent;
  return {
    atMs,
    usage,
    delivered: new Map(backends.map(({ name, signal }, index) => [name, stats[index]!.signals[signal].unique])),
    sent,
    accepted: progress.reduce((sum, { report }) => sum + report.accepted, 0),
    refused: progress.reduce((sum, { report }) => sum + report.refused, 0),
    failed: progress.reduce((sum, { report }) => sum + report.failed, 0),
    queueDiskBytes: queueFolder === undefined ? 0 : folderBytes(queueFolder),
  };
}

/** Room that files take on disk: a file with holes counts by its blocks. */
function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === 'filler') continue;
    // Segments go while they are looked at.
    bytes += (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  }
  return bytes;
}
