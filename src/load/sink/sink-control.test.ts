import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import { createGenerator } from '../generator.ts';
import { createSink, type Sink } from './sink.ts';
import { type SinkControl, serveSinkControl } from './sink-control.ts';

let sink: Sink;
let control: SinkControl;
afterEach(async () => {
  await control.close();
  await sink.close();
});

async function open(): Promise<(path: string, body?: string) => Promise<{ status: number; text: string }>> {
  sink = await createSink({ host: '127.0.0.1', port: 0, store: 5 }, { clock: systemClock });
  control = await serveSinkControl(sink, 0);
  return async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${control.port}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    return { status: answer.status, text: await answer.text() };
  };
}

async function send(requestCount: number): Promise<void> {
  const options = { signal: 'logs', shape: 'simple', seed: 1, protocol: 'grpc', requestRate: 0, requestCount } as const;
  await createGenerator({ ...options, endpoint: sink.address }, { clock: systemClock }).run();
}

describe('control port of the sink', () => {
  it('shows counts, changes the mode while requests come, and clears', async () => {
    const call = await open();
    await send(2);
    expect(JSON.parse((await call('/mode', '503\n')).text)).toMatchObject({ mode: '503' });
    await send(3);
    const stats = JSON.parse((await call('/stats')).text);
    expect(stats.signals.logs).toMatchObject({ requests: 5, accepted: 2, refused: 3, unique: 4 });
    expect(stats.answers).toEqual({ 'grpc 0': 2, 'grpc 14': 3 });
    expect(JSON.parse((await call('/clear', '')).text).signals.logs).toMatchObject({ requests: 0, unique: 0 });
  });

  it('gives stored requests as OTLP/JSON', async () => {
    const call = await open();
    await send(2);
    const lines = (await call('/requests')).text.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!).resourceLogs[0].scopeLogs[0].logRecords).toHaveLength(2);
  });

  it('refuses a mode it does not know and paths it does not have', async () => {
    const call = await open();
    expect((await call('/mode', 'explode')).status).toBe(400);
    expect((await call('/mode', 'x'.repeat(5000))).status).toBe(400);
    expect((await call('/nothing')).status).toBe(404);
    expect(sink.mode).toEqual({ kind: 'accept' });
  });
});
