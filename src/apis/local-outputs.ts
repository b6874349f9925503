import { byteQuantity, type Data, defaulted, extension, object, oneOf, optional, text, wholeNumber } from './schema.ts';

/** Outputs that Sluice adds to the API: for a first look, for tests, for machines without a backend. */

export const stdoutOutput = extension(
  object('Prints what arrives to standard output, for people.', {
    verbosity: optional(
      defaulted(
        'normal',
        oneOf('basic counts items, normal prints a line an item, detailed prints everything.', [
          'basic',
          'normal',
          'detailed',
        ]),
      ),
    ),
  }),
);

export const fileOutput = extension(
  object('Appends what arrives to a file.', {
    path: text('The file. A relative path is relative to the directory where the engine was started.', {
      minLength: 1,
      example: './telemetry.jsonl',
    }),
    format: optional(
      defaulted(
        'json',
        oneOf('json: OTLP JSON, one request a line; proto: length-prefixed OTLP protobuf.', ['json', 'proto']),
      ),
    ),
    rotation: optional(
      object('When to start a new file, and how many old ones to keep.', {
        maxSize: optional(defaulted('100Mi', byteQuantity('Size at which a new file is started, at least 1Mi.'))),
        maxBackups: optional(
          defaulted(100, wholeNumber('How many old files are kept.', { minimum: 1, maximum: 10_000, example: 10 })),
        ),
      }),
    ),
  }),
);

export type StdoutOutputConfig = Data<typeof stdoutOutput>;
export type FileOutputConfig = Data<typeof fileOutput>;
