import { describe, expect, it } from 'vitest';
import { startGeneratorProcess, startSinkProcess } from './load-process.ts';

describe('a load worker', () => {
  it('gives each question its own answer, whichever is there first', async () => {
    const sink = await startSinkProcess({ host: '127.0.0.1', port: 0, seed: 1 }, undefined);
    const generator = startGeneratorProcess(undefined);
    try {
      await sink.setMode({ kind: 'slow', delayMs: 500 });
      const endpoint = { host: '127.0.0.1', port: sink.port };
      await generator.start({
        ...{ signal: 'traces', shape: 't1', protocol: 'grpc' },
        ...{ endpoint, seed: 1, requestRate: 100, requestCount: 1 },
      });
      const stopped = generator.stop();
      const [requests, report] = await Promise.all([generator.requests(), stopped]);
      expect(requests.request).toHaveLength(0);
      expect(report).toMatchObject({ requests: 1, accepted: 1 });
    } finally {
      generator.kill();
      sink.kill();
    }
  });
});
