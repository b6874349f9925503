import { authentication, outputTls } from './otlp-output.ts';
import { type Data, defaulted, extension, list, object, oneOf, optional } from './schema.ts';
import { header, valueType } from './value-type.ts';

/** Prometheus remote write, for metrics alone. */
export const remoteWriteOutput = extension(
  object('Sends to a backend by Prometheus remote write.', {
    endpoint: valueType('URL that takes remote write.', [], 'http://prometheus.example.com:9090/api/v1/write'),
    version: optional(
      defaulted('1.0', oneOf('Version of the protocol; the stock Collector sends 1.0 only.', ['1.0', '2.0'])),
    ),
    authentication: optional(authentication),
    headers: optional(list('Headers sent with every request.', header)),
    tls: optional(outputTls),
  }),
);

export type RemoteWriteOutputConfig = Data<typeof remoteWriteOutput>;
