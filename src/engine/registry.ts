import type {
  ConnectorFactory,
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
  SettingsSpec,
} from './component.ts';
import { forwardConnector } from './connector/forward.ts';
import { routingConnector } from './connector/routing.ts';
import { debugExporter } from './exporter/debug/debug.ts';
import { fileExporter } from './exporter/file.ts';
import { otlpGrpcExporter } from './exporter/otlp-grpc.ts';
import { otlpHttpExporter } from './exporter/otlp-http.ts';
import { prometheusRemoteWriteExporter } from './exporter/prometheus-remote-write/prometheus-remote-write.ts';
import { basicAuthExtension } from './extension/basic-auth.ts';
import { bearerTokenAuthExtension } from './extension/bearer-token-auth.ts';
import { fileStorageExtension } from './extension/file-storage.ts';
import { healthCheckExtension } from './extension/health-check.ts';
import { oauth2ClientExtension } from './extension/oauth2-client.ts';
import { sluiceAdmissionExtension } from './extension/sluice-admission.ts';
import { sluiceQueueExtension } from './extension/sluice-queue.ts';
import { attributesProcessor } from './processor/attributes.ts';
import { batchProcessor } from './processor/batch.ts';
import { cumulativeToDeltaProcessor } from './processor/cumulative-to-delta/cumulative-to-delta.ts';
import { filterProcessor } from './processor/filter.ts';
import { k8sAttributesProcessor } from './processor/k8s-attributes/k8s-attributes.ts';
import { memoryLimiterProcessor } from './processor/memory-limiter.ts';
import { resourceProcessor } from './processor/resource.ts';
import { transformProcessor } from './processor/transform.ts';
import { nopReceiver } from './receiver/nop.ts';
import { otlpReceiver } from './receiver/otlp.ts';

/** Every component type the engine has, by kind and type name. */
export interface Registry {
  readonly receivers: Readonly<Record<string, ReceiverFactory>>;
  readonly processors: Readonly<Record<string, ProcessorFactory>>;
  /** `forward` has no factory: it chooses nothing. */
  readonly connectors: Readonly<Record<string, SettingsSpec | ConnectorFactory>>;
  readonly exporters: Readonly<Record<string, ExporterFactory>>;
  readonly extensions: Readonly<Record<string, ExtensionFactory>>;
}

/** `otlp`, `otlphttp` and `k8sattributes` are the Collector's old names, which it still takes. */
export const builtIn: Registry = {
  receivers: { otlp: otlpReceiver, nop: nopReceiver },
  processors: {
    memory_limiter: memoryLimiterProcessor,
    batch: batchProcessor,
    resource: resourceProcessor,
    attributes: attributesProcessor,
    cumulativetodelta: cumulativeToDeltaProcessor,
    filter: filterProcessor,
    k8s_attributes: k8sAttributesProcessor,
    k8sattributes: k8sAttributesProcessor,
    transform: transformProcessor,
  },
  connectors: { forward: forwardConnector, routing: routingConnector },
  exporters: {
    otlp_grpc: otlpGrpcExporter,
    otlp: otlpGrpcExporter,
    otlp_http: otlpHttpExporter,
    otlphttp: otlpHttpExporter,
    prometheusremotewrite: prometheusRemoteWriteExporter,
    debug: debugExporter,
    file: fileExporter,
  },
  extensions: {
    health_check: healthCheckExtension,
    basicauth: basicAuthExtension,
    bearertokenauth: bearerTokenAuthExtension,
    oauth2client: oauth2ClientExtension,
    sluice_admission: sluiceAdmissionExtension,
    sluice_queue: sluiceQueueExtension,
    file_storage: fileStorageExtension,
  },
};
