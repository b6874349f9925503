import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.149.0';

/** What the builder logs, in the words of a phase. */
const PHASES: Readonly<Record<string, string>> = {
  'Getting go modules': 'downloading modules',
  Compiling: 'compiling',
};

/** The OpenTelemetry Collector, built by its own builder. */
export const otelcol = createGoPeer({
  name: 'otelcol',
  files: [join(import.meta.dirname, 'builder.yaml')],
  recipe: BUILDER,
  async build(folder, progress) {
    progress.phase('fetching the builder; the whole build takes 2 to 5 minutes once');
    const hear = (chunk: string) => {
      for (const [message, phase] of Object.entries(PHASES)) if (chunk.includes(`\t${message}`)) progress.phase(phase);
    };
    await runGo(['run', BUILDER, '--config', 'builder.yaml'], folder, { hear });
  },
});
