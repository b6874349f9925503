import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePeer } from '../../testbed/index.ts';
import { freePort } from './free-port.ts';
import { startProcess } from './process.ts';

/** One series of an instant query. */
export interface QueriedSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** As Prometheus writes it; a native histogram is `histogram`. */
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, { readonly count: string; readonly sum: string }];
}

/** A real Prometheus that takes remote write. */
export interface PrometheusServer {
  readonly port: number;
  readonly writeUrl: string;
  query(expression: string, atSeconds: number): Promise<readonly QueriedSeries[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  readonly port?: number;
}

export async function startPrometheus({ port: wanted }: PrometheusOptions = {}): Promise<PrometheusServer> {
  const peer = requirePeer('prometheus');
  if (peer.status === 'missing') throw new Error(peer.reason);
  const port = wanted ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'sluice-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, 'scrape_configs: []\n');
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--enable-feature=exemplar-storage',
  ];
  const origin = `http://127.0.0.1:${port}`;
  const running = await startProcess(peer.path, args, { ready: { url: `${origin}/-/ready` } });
  const ask = async (path: string, parameters: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${origin}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return ((await answer.json()) as { readonly data: unknown }).data;
  };
  return {
    port,
    writeUrl: `${origin}/api/v1/write`,
    async query(expression, atSeconds) {
      const data = await ask('query', { query: expression, time: String(atSeconds) });
      return (data as { readonly result: readonly QueriedSeries[] }).result;
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
