import { authentication, outputTls } from './otlp-output.ts';
import { extension, list, object, optional } from './schema.ts';
import { header, valueType } from './value-type.ts';

/** Prometheus remote write, for metrics alone. */
export const remoteWriteOutput = extension(
  object('Sends to a backend by Prometheus remote write.', {
    endpoint: valueType('URL that takes remote write, such as https://prometheus:9090/api/v1/write.'),
    authentication: optional(authentication),
    headers: optional(list('Headers sent with every request.', header)),
    tls: optional(outputTls),
  }),
);
