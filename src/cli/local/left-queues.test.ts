import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles, openDiskQueue } from '../../engine/index.ts';
import { systemClock } from '../../lib/index.ts';
import { componentId, type OtelcolConfig } from '../../otelcol/index.ts';
import type { RenderedConfig } from '../../render/index.ts';
import { leftQueues, leftQueuesText } from './left-queues.ts';

describe('queues that nothing sends', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-left-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const events = { onLoss() {}, onUnreadable() {}, onDisk() {}, onReadable() {} };
  /** Leaves so many items there. */
  const fill = async (directory: string, itemCount: number) => {
    const settings = { directory, maxBytes: 2 ** 24, onFull: 'block', fsync: false } as const;
    const opened = await openDiskQueue(settings, { clock: systemClock, events, files: nodeFiles });
    if (opened.status !== 'open') throw new Error(opened.message);
    const { queue } = opened;
    if (itemCount > 0) await queue.append({ signal: 'logs', bytes: new Uint8Array(100), itemCount }, { take: false });
    await queue.close();
  };
  /** A configuration with queues in these folders. */
  const rendered = (...directories: readonly string[]) => {
    const extensions = directories.map((directory, index) => [componentId('sluice_queue', `${index}`), { directory }]);
    return [{ config: { extensions: Object.fromEntries(extensions) } as OtelcolConfig } as RenderedConfig];
  };

  it('are found, with what they hold; those in use and empty ones are not', async () => {
    await fill(join(folder, 'queues/otlp_grpc-logpipeline-gone/logs'), 7);
    await fill(join(folder, 'queues/otlp_grpc-logpipeline-used/logs'), 8);
    await fill(join(folder, 'queues/otlp_grpc-logpipeline-empty/logs'), 0);
    await fill(join(folder, 'queues/otlp-entry/hop-logpipeline-gone/logs'), 9);
    const left = await leftQueues({ folder }, rendered(join(folder, 'queues/otlp_grpc-logpipeline-used')), systemClock);
    expect(left.map(({ folder: at, itemCount }) => [at.slice(folder.length), itemCount])).toEqual([
      ['/queues/otlp_grpc-logpipeline-gone', 7],
      ['/queues/otlp-entry/hop-logpipeline-gone', 9],
    ]);
    // Looking at them takes nothing away.
    expect(await leftQueues({ folder }, [], systemClock)).toHaveLength(3);
    const text = leftQueuesText(left);
    expect(text).toContain('! 7 log records (');
    expect(text).toContain(`run the pipeline as it was, or give them up:  rm -r ${left[0]!.folder}\n`);
    expect(text).toContain('start once with --topology per-pipeline, or give them up');
  });

  it('are those of a project, and those that were there before folders had projects', async () => {
    await fill(join(folder, 'queues/otlp_grpc-logpipeline-old/logs'), 1);
    await fill(join(folder, 'queues/mine/otlp_grpc-logpipeline-gone/logs'), 2);
    await fill(join(folder, 'queues/mine/otlp-entry/hop-logpipeline-gone/logs'), 3);
    await fill(join(folder, 'queues/theirs/otlp_grpc-logpipeline-gone/logs'), 4);
    const left = await leftQueues({ folder, project: 'mine' }, [], systemClock);
    expect(left.map(({ itemCount }) => itemCount).sort()).toEqual([1, 2, 3]);
  });

  it('are none where nothing was ever kept', async () => {
    expect(await leftQueues({ folder: join(folder, 'nowhere') }, [], systemClock)).toEqual([]);
    expect(leftQueuesText([])).toBe('');
  });

  it('are left alone while another process has them', async () => {
    const directory = join(folder, 'queues/otlp_grpc-logpipeline-busy/logs');
    await fill(directory, 3);
    const settings = { directory, maxBytes: 2 ** 24, onFull: 'block', fsync: false } as const;
    const opened = await openDiskQueue(settings, { clock: systemClock, events, files: nodeFiles });
    expect(opened.status).toBe('open');
    expect(await leftQueues({ folder }, [], systemClock)).toEqual([]);
    if (opened.status === 'open') await opened.queue.close();
  });
});
