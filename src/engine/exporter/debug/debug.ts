import { Type } from '../../../lib/index.ts';
import { decodeToObject, type LogsData, type MetricsData, type TracesData } from '../../../otlp/index.ts';
import type { Batch } from '../../batch.ts';
import { defineExporter } from '../../component.ts';
import { parseQueue, QueueConfig } from '../../settings/queue.ts';
import { Count, oneOf, settingsObject } from '../../settings/schema.ts';
import { detailedText } from './detailed.ts';
import { normalText } from './normal.ts';
import { createSampler } from './sampler.ts';

/** Source: debugexporter factory.go at 0.149. */
const defaultDebug = { verbosity: 'basic', samplingInitial: 2, samplingThereafter: 1 } as const;

/** Writes what it gets for people to read: a line of counts, with `normal` a line per item, with `detailed` every field. */
export const debugExporter = defineExporter({
  schema: settingsObject({
    verbosity: oneOf('basic', 'normal', 'detailed'),
    sampling_initial: Count,
    sampling_thereafter: Count,
    /** Both values lead to the same output here: the engine's own log is not on stdout. */
    use_internal_logger: Type.Boolean(),
    sending_queue: QueueConfig,
  }),
  create(settings, { stdout, deps }) {
    const verbosity = settings.verbosity ?? defaultDebug.verbosity;
    const sample = createSampler(deps.clock, {
      initial: settings.sampling_initial ?? defaultDebug.samplingInitial,
      thereafter: settings.sampling_thereafter ?? defaultDebug.samplingThereafter,
    });
    const queue = settings.sending_queue === undefined ? undefined : parseQueue(settings.sending_queue);
    return {
      destination: 'stdout',
      ...(queue !== undefined && { queue }),
      send(batch) {
        if (sample()) {
          stdout(summary(batch));
          if (verbosity !== 'basic')
            stdout((verbosity === 'normal' ? normalText : detailedText)(batch.signal, batch.bytes));
        }
        return { status: 'delivered', rejectedCount: 0 };
      },
    };
  },
});

/** The Collector's line: the signal and what is in the request. */
function summary({ signal, bytes, itemCount }: Batch): string {
  const data = decodeToObject(signal, bytes) as TracesData & MetricsData & LogsData;
  switch (signal) {
    case 'traces':
      return `Traces\t{"resource spans": ${data.resourceSpans?.length ?? 0}, "spans": ${itemCount}}\n`;
    case 'metrics': {
      const resources = data.resourceMetrics ?? [];
      const metrics = resources
        .flatMap((resource) => resource.scopeMetrics ?? [])
        .flatMap((scope) => scope.metrics ?? []);
      return `Metrics\t{"resource metrics": ${resources.length}, "metrics": ${metrics.length}, "data points": ${itemCount}}\n`;
    }
    case 'logs':
      return `Logs\t{"resource logs": ${data.resourceLogs?.length ?? 0}, "log records": ${itemCount}}\n`;
  }
}
