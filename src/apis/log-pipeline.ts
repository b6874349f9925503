import { delivery } from './delivery.ts';
import { collectedNamespaces, filter, ONE_SELECTION, otlpInput, transform } from './input.ts';
import { fileOutput, stdoutOutput } from './local-outputs.ts';
import { otlpOutput, outputTls } from './otlp-output.ts';
import { type Data, defaulted, flag, list, object, oneOutput, optional, storedDefault, text } from './schema.ts';
import { secretValueType, valueFrom, valueType } from './value-type.ts';

/** What only some outputs can do says so in its place, as the rules of the whole spec stand far away. */
const described = <Schema extends object>(description: string, schema: Schema): Schema => ({ ...schema, description });

const containers = object(
  'Containers to take logs from.',
  {
    include: optional(list('Only these containers.', text('Name of a container.', { example: 'istio-proxy' }))),
    exclude: optional(list('All but these containers.', text('Name of a container.', { example: 'istio-proxy' }))),
  },
  [ONE_SELECTION],
);

const input = object('Where the logs come from.', {
  otlp: optional(described('Data that senders push over OTLP. Not with the outputs http and custom.', otlpInput)),
  runtime: optional(
    object('Logs that containers write to stdout and stderr.', {
      enabled: optional(defaulted('true in a cluster', flag('Take these logs.'))),
      namespaces: optional(collectedNamespaces),
      containers: optional(containers),
      keepAnnotations: optional(
        defaulted(false, flag('Keeps Pod annotations. Only with the outputs http and custom.')),
      ),
      dropLabels: optional(defaulted(false, flag('Drops Pod labels. Only with the outputs http and custom.'))),
      keepOriginalBody: optional(
        storedDefault(true, flag('Keeps the line as written beside what was parsed from it.')),
      ),
    }),
  ),
});

const httpOutput = object('Sends to an HTTP endpoint through Fluent Bit.', {
  host: valueType('Host of the receiver.', [], 'logs.example.com'),
  user: optional(secretValueType('User name.')),
  password: optional(secretValueType('Password.')),
  uri: optional(storedDefault('/', text('Path of the request.', { pattern: '^/.*$', example: '/ingest' }))),
  port: optional(storedDefault('443', text('Port.', { example: '8443' }))),
  compress: optional(storedDefault('none', text('Compression: none or gzip.', { example: 'gzip' }))),
  format: optional(
    storedDefault(
      'json',
      text('Format of the body: gelf, json, json_stream, json_lines or msgpack.', { example: 'json_lines' }),
    ),
  ),
  tls: optional(outputTls),
  dedot: optional(storedDefault(false, flag('Replaces dots in labels and annotations by underscores.'))),
});

/** Fluent Bit and the Collector keep what waits in different places; between outputs of the Collector a pipeline may change. */
const ofFluentBit = (self: string) => `has(${self}.http) || (has(${self}.custom) && size(${self}.custom) > 0)`;

const forbidden = (fieldPath: string) => ({ fieldPath, reason: 'FieldValueForbidden' }) as const;

const RUNTIME = 'has(self.input) && has(self.input.runtime)';
const OF_COLLECTOR = '(has(self.output.otlp) || has(self.output.stdout) || has(self.output.file))';

/** A list of Fluent Bit sections or files; empty, it asks for nothing. */
const onlyFluentBit = (field: string) => ({
  rule: `!${OF_COLLECTOR} || !has(self.${field}) || size(self.${field}) == 0`,
  message: `${field} are not supported with otlp output`,
  ...forbidden(`.${field}`),
});

const RULES = [
  {
    rule: `!(${OF_COLLECTOR} && ${RUNTIME} && has(self.input.runtime.dropLabels))`,
    message: 'input.runtime.dropLabels is not supported with otlp output',
    ...forbidden('.input.runtime.dropLabels'),
  },
  {
    rule: `!(${OF_COLLECTOR} && ${RUNTIME} && has(self.input.runtime.keepAnnotations))`,
    message: 'input.runtime.keepAnnotations is not supported with otlp output',
    ...forbidden('.input.runtime.keepAnnotations'),
  },
  onlyFluentBit('filters'),
  onlyFluentBit('files'),
  onlyFluentBit('variables'),
  {
    rule: `${OF_COLLECTOR} || !has(self.transform) || size(self.transform) == 0`,
    message: 'transform is only supported with otlp output',
    ...forbidden('.transform'),
  },
  {
    rule: `${OF_COLLECTOR} || !has(self.filter) || size(self.filter) == 0`,
    message: 'filter is only supported with otlp output',
    ...forbidden('.filter'),
  },
  {
    rule: `${OF_COLLECTOR} || !(has(self.input) && has(self.input.otlp))`,
    message: 'otlp input is only supported with otlp output',
    ...forbidden('.input.otlp'),
  },
];

export const logPipelineSpec = object(
  'What the pipeline does.',
  {
    input: optional(input),
    output: object(
      'Where the logs go.',
      {
        otlp: optional(otlpOutput),
        http: optional(httpOutput),
        custom: optional(text('An output section of Fluent Bit.', { example: 'Name null' })),
        stdout: optional(stdoutOutput),
        file: optional(fileOutput),
      },
      [
        oneOutput(
          '[has(self.otlp), has(self.http), has(self.custom) && size(self.custom) > 0, has(self.stdout), has(self.file)]',
          "'otlp', 'http', 'custom', 'stdout' or 'file'",
        ),
        {
          rule: `(${ofFluentBit('self')}) == (${ofFluentBit('oldSelf')})`,
          message: 'Switching to or away from OTLP output is not supported, re-create the LogPipeline',
        },
      ],
    ),
    filters: optional(
      list(
        'Filter sections of Fluent Bit. Only with the outputs http and custom.',
        object('A filter.', { custom: optional(text('The section.', { example: 'Name grep\nRegex log error' })) }),
      ),
    ),
    files: optional(
      list(
        'Files for Fluent Bit. Only with the outputs http and custom.',
        object('A file.', {
          name: text('Name.', { minLength: 1, example: 'levels.txt' }),
          content: text('Content.', { minLength: 1, example: 'error' }),
        }),
      ),
    ),
    variables: optional(
      list(
        'Variables for Fluent Bit sections. Only with the outputs http and custom.',
        object('A variable.', { name: text('Name.', { minLength: 1, example: 'LOKI_TOKEN' }), valueFrom }),
      ),
    ),
    transform: optional(described('Changes to the data, in order. Not with the outputs http and custom.', transform)),
    filter: optional(described('Data to drop. Not with the outputs http and custom.', filter)),
    delivery: optional(delivery),
  },
  RULES,
);

export type LogPipelineConfig = Data<typeof logPipelineSpec>;
