import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCase, KEPT } from '../../../test/testkit/cluster-rendering.ts';
import { sharedQueueFolder } from './queue-folder.ts';

const [ARCHIVE = ''] = KEPT.split('---\n');

describe('the queues of a project in a folder of several', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-queues-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const topology = (type: 'Shared' | 'PerPipeline') =>
    compileCase({ topology: type, input: ARCHIVE, distribution: 'sluice' }).topology;
  const keep = (path: string) => {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'file'), path);
  };
  const has = (path: string) => existsSync(join(folder, path, 'file'));
  const QUEUE = 'otlp_grpc-tracepipeline-archive';

  it('are its own, also while another project runs', () => {
    const [shop, bank, again] = ['shop', 'bank', 'shop'].map((project) => sharedQueueFolder(folder, project));
    shop!.claim(topology('Shared'));
    bank!.claim(topology('Shared'));
    expect(() => again!.claim(topology('Shared'))).toThrow('are in use by another engine');
    shop!.release();
    again!.claim(topology('Shared'));
    bank!.release();
    again!.release();
  });

  it('are those that were there before folders had projects, for the first that has a pipeline of that name', () => {
    for (const path of [`queues/${QUEUE}`, 'queues/otlp_grpc-tracepipeline-other', `dead-letters/${QUEUE}`]) keep(path);
    keep('queues/otlp-entry/hop-tracepipeline-archive');
    const [shop, bank] = ['shop', 'bank'].map((project) => sharedQueueFolder(folder, project));
    shop!.claim(topology('PerPipeline'));
    bank!.claim(topology('PerPipeline'));
    expect(has(`queues/shop/${QUEUE}`)).toBe(true);
    expect(has('queues/shop/otlp-entry/hop-tracepipeline-archive')).toBe(true);
    expect(has(`dead-letters/shop/${QUEUE}`)).toBe(true);
    expect(has('queues/otlp_grpc-tracepipeline-other')).toBe(true);
    expect(readdirSync(join(folder, 'queues/bank'))).toEqual(['engine.lock']);
    shop!.release();
    bank!.release();
  });

  it('are not taken over where there are such already', () => {
    keep(`queues/${QUEUE}`);
    keep(`queues/shop/${QUEUE}`);
    const shop = sharedQueueFolder(folder, 'shop');
    shop.claim(topology('Shared'));
    expect([has(`queues/${QUEUE}`), has(`queues/shop/${QUEUE}`)]).toEqual([true, true]);
    shop.release();
  });
});
