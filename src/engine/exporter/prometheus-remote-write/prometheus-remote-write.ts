import type { ComponentId } from '../../../otelcol/index.ts';
import { createRemoteWriteClient, type ExportOutcome, type OtlpClient } from '../../../otlp/index.ts';
import { defineExporter, type Exporter, type ExporterContext } from '../../component.ts';
import type { QueueSettings } from '../../settings/queue.ts';
import { parseRetry } from '../../settings/retry.ts';
import { durationMs, headersRecord } from '../../settings/schema.ts';
import { describeEndpoint } from '../destination.ts';
import { credentialsOf } from '../otlp-settings.ts';
import { createRotatingClient } from '../rotating-client.ts';
import { encodeV1, encodeV2 } from './encode.ts';
import { createLabelNamer } from './label-name.ts';
import {
  checkRemoteWrite,
  EXTERNAL_LABEL_NAMING,
  MESSAGES,
  REMOTE_WRITE_DEFAULTS,
  RemoteWriteConfig,
} from './settings.ts';
import { createTranslate, type Misfit, type TranslationSettings } from './translate.ts';

/**
 * Prometheus remote write. One request at a time, in the order in which data came: receivers refuse samples that are older
 * than what they have. `timeout` bounds one try; the Collector lets it bound all tries together.
 */
export const prometheusRemoteWriteExporter = defineExporter({
  schema: RemoteWriteConfig,
  check: checkRemoteWrite,
  create(settings, context): Exporter {
    const translation = translationOf(settings);
    const queue = queueOf(settings);
    const retry = parseRetry(
      { initial_interval: REMOTE_WRITE_DEFAULTS.initial_interval, ...settings.retry_on_failure },
      settings.remote_write_queue,
    );
    const client = createClient(settings, context);
    const send = createSend(client, {
      translation,
      metadata: settings.send_metadata === true,
      maxBytes: settings.max_batch_size_bytes || REMOTE_WRITE_DEFAULTS.maxBatchBytes,
      timeoutMs: durationMs(settings.timeout, REMOTE_WRITE_DEFAULTS.timeoutMs),
    });
    return {
      destination: describeEndpoint(settings.endpoint!, 'remote write'),
      ordered: true,
      ...(queue !== undefined && { queue }),
      ...(retry !== undefined && { retry }),
      send: ({ bytes }, { signal }) => send(bytes, signal),
      shutdown: () => client.close(),
    };
  },
});

function createClient(settings: RemoteWriteConfig, context: ExporterContext): OtlpClient {
  return createRotatingClient(settings.tls, context, (tls) =>
    createRemoteWriteClient({
      endpoint: settings.endpoint!,
      version: versionOf(settings),
      headers: headersRecord(settings.headers),
      tls,
      clock: context.deps.clock,
      ...credentialsOf(settings, context),
    }),
  );
}

function versionOf({ protobuf_message: message = 'prometheus.WriteRequest' }: RemoteWriteConfig): '1.0' | '2.0' {
  return MESSAGES[message];
}

function translationOf(settings: RemoteWriteConfig): TranslationSettings {
  const { enabled, exclude_service_attributes: exclude } = settings.resource_to_telemetry_conversion ?? {};
  const namer = createLabelNamer(EXTERNAL_LABEL_NAMING);
  const external = Object.entries(settings.external_labels ?? {}).map(([name, value]) => [namer(name)!, value]);
  return {
    version: versionOf(settings),
    namespace: settings.namespace ?? '',
    addSuffixes: settings.add_metric_suffixes ?? true,
    externalLabels: Object.fromEntries(external),
    targetInfo: settings.target_info?.enabled ?? true,
    scopeInfo: settings.disable_scope_info !== true,
    resourceLabels: enabled === true ? (exclude === true ? 'no-service' : 'all') : 'none',
  };
}

/** One consumer, whatever `num_consumers` says: the Collector, too, has one unless a feature gate is set. */
function queueOf({ remote_write_queue: queue = {} }: RemoteWriteConfig): QueueSettings | undefined {
  if (queue.enabled === false) return undefined;
  return {
    numConsumers: 1,
    capacity: queue.queue_size ?? REMOTE_WRITE_DEFAULTS.queueSize,
    sizer: queue.sizer ?? 'requests',
    blockOnOverflow: false,
    waitForResult: false,
    ...(queue.storage !== undefined && { storage: queue.storage as ComponentId }),
  };
}

interface SendOptions {
  readonly translation: TranslationSettings;
  /** Requests with metadata, which version 2.0 has with every series. */
  readonly metadata: boolean;
  readonly maxBytes: number;
  /** 0: none. */
  readonly timeoutMs: number;
}

/** A try sends everything again that the batch became: a receiver takes a sample that it has already for the same. */
function createSend(
  client: OtlpClient,
  { translation: settings, metadata, maxBytes, timeoutMs }: SendOptions,
): (bytes: Uint8Array, abort: AbortSignal) => Promise<ExportOutcome> {
  const translate = createTranslate(settings);
  return async (bytes, abort) => {
    const translation = translate(bytes);
    const requests =
      settings.version === '2.0'
        ? encodeV2(translation.series, maxBytes)
        : encodeV1(metadata ? translation : { ...translation, metadata: [] }, maxBytes);
    for (const request of requests) {
      const outcome = await client.export('metrics', request, {
        signal: abort,
        ...(timeoutMs > 0 && { timeoutMs }),
      });
      if (outcome.status !== 'delivered') return outcome;
    }
    return deliveredBut(translation.dropped);
  };
}

const MISFITS: Readonly<Record<Misfit, string>> = {
  temporality: 'their temporality is not cumulative',
  name: 'nothing of the name of the metric or of an attribute can be kept',
  scale: 'the scale of an exponential histogram is below -4',
  type: 'their metric has no type',
};

function deliveredBut(dropped: ReadonlyMap<Misfit, number>): ExportOutcome {
  if (dropped.size === 0) return { status: 'delivered', rejectedCount: 0 };
  const counts = [...dropped];
  const rejectedCount = counts.reduce((sum, [, count]) => sum + count, 0);
  const why = counts.map(([misfit, count]) => `${count}: ${MISFITS[misfit]}`).join('; ');
  const message = `remote write has no place for ${rejectedCount} metric points (${why})`;
  return { status: 'delivered', rejectedCount, message, cause: 'unsupported' };
}
