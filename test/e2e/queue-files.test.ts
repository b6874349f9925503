import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUARANTINE } from '../../src/render/manifests/pod-scripts.ts';
import { requirePeer } from '../../testbed/index.ts';
import { startOtelcol } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';

const peer = requirePeer('otelcol');

describe.skipIf(peer.status === 'missing')('files of queues, of the real Collector', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-queue-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const files = () => readdirSync(folder).sort();
  /** As the init container runs it. */
  const check = () => execFileSync(process.execPath, ['-e', QUARANTINE.trim(), folder], { encoding: 'utf8' });

  async function start() {
    const [otlp, backend] = [await freePort(), await freePort()];
    const collector = await startOtelcol(`
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${otlp}"}}}}
exporters:
  otlp_http/kept:
    endpoint: http://127.0.0.1:1/${backend}
    sending_queue: {enabled: true, storage: file_storage/kept}
    retry_on_failure: {enabled: true, max_elapsed_time: 0}
extensions: {file_storage/kept: {directory: ${folder}, fsync: true}}
service:
  extensions: [file_storage/kept]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_http/kept]}}
`);
    return { collector, otlp };
  }

  async function fillQueue(): Promise<string> {
    const { collector, otlp } = await start();
    for (let i = 0; i < 20; i++) {
      const name = 'x'.repeat(10_000);
      const span = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name };
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${otlp}/v1/traces`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
    }
    await collector.stop({ graceMs: 0 });
    const [file] = files();
    return join(folder, file!);
  }

  it('stay where they are when it was killed with data in them', async () => {
    const file = await fillQueue();
    const before = readFileSync(file);
    expect(check()).toBe('');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.each([
    ['overwritten', (file: string) => writeFileSync(file, Buffer.alloc(100_000, 'x'))],
    ['cut off', (file: string) => truncateSync(file, 4096)],
  ] as const)('are put aside when %s, and it starts', async (_what, damage) => {
    const file = await fillQueue();
    damage(file);
    await expect(start()).rejects.toThrow();
    expect(JSON.parse(check())).toMatchObject({ level: 'error', file });
    expect(files()).toEqual([`${file.slice(folder.length + 1)}.unreadable-1`]);
    const { collector } = await start();
    await collector.stop();
    expect(files()).toHaveLength(2);
  });
});
