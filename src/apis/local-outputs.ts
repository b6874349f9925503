import Type from 'typebox';
import { byteQuantity, type Data, object, oneOf, optional, text } from './schema.ts';

/** Outputs that Sluice adds to the API: for a first look, for tests, for machines without a backend. */

export const stdoutOutput = object('Extension of Sluice. Prints what arrives to standard output, for people.', {
  verbosity: optional(
    oneOf('basic counts items, normal (default) prints a line an item, detailed prints everything.', [
      'basic',
      'normal',
      'detailed',
    ]),
  ),
});

export const fileOutput = object('Extension of Sluice. Appends what arrives to a file.', {
  path: text('The file. A relative path is relative to the directory where the engine was started.', { minLength: 1 }),
  format: optional(
    oneOf('json (default): OTLP JSON, one request a line; proto: length-prefixed OTLP protobuf.', ['json', 'proto']),
  ),
  rotation: optional(
    object('When to start a new file, and how many old ones to keep.', {
      maxSize: optional(byteQuantity('Size at which a new file is started, at least 1Mi. Default 100Mi.')),
      maxBackups: optional(
        Type.Integer({ description: 'How many old files are kept. Default 100.', minimum: 1, maximum: 10_000 }),
      ),
    }),
  ),
});

export type StdoutOutputConfig = Data<typeof stdoutOutput>;
export type FileOutputConfig = Data<typeof fileOutput>;
