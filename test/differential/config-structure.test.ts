import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/otelcol/index.ts';
import { requirePeer } from '../../testbed/index.ts';

const otelcol = requirePeer('otelcol');
const folder = mkdtempSync(join(tmpdir(), 'sluice-structure-'));
const run = promisify(execFile);

const COMPONENTS = `
receivers: { otlp: { protocols: { http: } } }
processors: { batch: , batch/2: }
connectors: { forward: , forward/2: }
exporters: { debug: , debug/2: }
extensions: { health_check: }
`;

/** Configurations that differ in their structure alone; each is right or wrong for both. */
const CASES: Readonly<Record<string, string>> = {
  'a minimal one': pipelines('traces: { receivers: [otlp], exporters: [debug] }'),
  'every kind of component': `${COMPONENTS}
service:
  extensions: [health_check]
  pipelines:
    traces/in: { receivers: [otlp], processors: [batch], exporters: [forward] }
    traces/out: { receivers: [forward], processors: [batch/2], exporters: [debug, debug/2] }
`,
  'no pipelines': `${COMPONENTS}service: {}\n`,
  'no service': COMPONENTS,
  'empty pipelines': `${COMPONENTS}service: { pipelines: {} }\n`,
  'an unknown section': `${pipelines('traces: { receivers: [otlp], exporters: [debug] }')}exporter: {}\n`,
  'an unknown key of service': `${COMPONENTS}service: { pipeline: {} }\n`,
  'an unknown key of a pipeline': pipelines('traces: { receivers: [otlp], exporters: [debug], filters: [] }'),
  'no receiver in a pipeline': pipelines('traces: { receivers: [], exporters: [debug] }'),
  'no exporter in a pipeline': pipelines('traces: { receivers: [otlp] }'),
  'an undefined receiver': pipelines('traces: { receivers: [nope], exporters: [debug] }'),
  'an undefined processor': pipelines('traces: { receivers: [otlp], processors: [nope], exporters: [debug] }'),
  'an undefined exporter': pipelines('traces: { receivers: [otlp], exporters: [nope] }'),
  'an undefined extension': `${pipelines('traces: { receivers: [otlp], exporters: [debug] }')}  extensions: [nope]\n`,
  'a processor named twice': pipelines('traces: { receivers: [otlp], processors: [batch, batch], exporters: [debug] }'),
  'an exporter named twice': pipelines('traces: { receivers: [otlp], exporters: [debug, debug] }'),
  'an unknown signal': pipelines('trace: { receivers: [otlp], exporters: [debug] }'),
  'a pipeline name with a space': pipelines('"traces/a b": { receivers: [otlp], exporters: [debug] }'),
  'a pipeline name with a slash': pipelines('traces/a/b: { receivers: [otlp], exporters: [debug] }'),
  'a pipeline name with punctuation': pipelines('"traces/(a.b):c-d_e": { receivers: [otlp], exporters: [debug] }'),
  'a pipeline name with a symbol': pipelines('"traces/a+b": { receivers: [otlp], exporters: [debug] }'),
  'a pipeline name that is empty': pipelines('"traces/": { receivers: [otlp], exporters: [debug] }'),
  'a connector that only ends a pipeline': pipelines('traces: { receivers: [otlp], exporters: [forward] }'),
  'a connector that only begins a pipeline': pipelines('traces: { receivers: [forward], exporters: [debug] }'),
  'a connector between two signals': pipelines(
    'traces: { receivers: [otlp], exporters: [forward] }, logs: { receivers: [forward], exporters: [debug] }',
  ),
  'a connector for two signals': pipelines(
    'traces: { receivers: [otlp], exporters: [forward] }, traces/2: { receivers: [forward], exporters: [debug] },' +
      'logs: { receivers: [otlp], exporters: [forward] }, logs/2: { receivers: [forward], exporters: [debug] }',
  ),
  'a connector into its own pipeline': pipelines('traces: { receivers: [otlp, forward], exporters: [forward, debug] }'),
  'a circle of two pipelines': pipelines(
    'traces/a: { receivers: [otlp, forward/2], exporters: [forward] },' +
      'traces/b: { receivers: [forward], exporters: [forward/2, debug] }',
  ),
  'a connector and an exporter of one id': `
receivers: { otlp: { protocols: { http: } } }
connectors: { forward: }
exporters: { debug: , forward: }
service: { pipelines: { traces: { receivers: [otlp], exporters: [debug] } } }
`,
  'components that nothing uses': pipelines('logs: { receivers: [otlp], exporters: [debug] }'),
  'a list where a mapping belongs': 'receivers: [otlp]\nexporters: { debug: }\nservice: { pipelines: {} }\n',
  'a text where a list belongs': pipelines('traces: { receivers: 7, exporters: [debug] }'),
};

function pipelines(list: string): string {
  return `${COMPONENTS}service:\n  pipelines: { ${list} }\n`;
}

async function realAccepts(text: string): Promise<boolean> {
  if (otelcol.status === 'missing') throw new Error(otelcol.reason);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  try {
    await run(otelcol.path, ['validate', '--config', file]);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return false;
    throw error;
  }
}

describe.skipIf(otelcol.status === 'missing')('the structure of a configuration', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(CASES))('with %s is judged as the real Collector does', async (_, text) => {
    const { issues } = loadConfig(text, 'config.yaml', { env: {} });
    expect(issues.every(({ severity }) => severity === 'warning')).toBe(await realAccepts(text));
  });
});
