import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { encodeJson } from '../../otlp/index.ts';
import type { Batch } from '../batch.ts';
import { defineExporter, type Exporter } from '../component.ts';
import { Count, Duration, oneOf, settingsObject } from '../settings/schema.ts';
import { FileWriter, type Rotation } from './file-writer.ts';

const FileConfig = settingsObject({
  path: Type.String(),
  format: oneOf('json', 'proto'),
  append: Type.Boolean(),
  compression: oneOf('zstd', ''),
  create_directory: Type.Boolean(),
  /** Writes are never held back, so that no interval is too short. */
  flush_interval: Duration,
  rotation: settingsObject({ max_megabytes: Count, max_backups: Count, max_days: Count, localtime: Type.Boolean() }),
});
type FileConfig = Static<typeof FileConfig>;

/** Source: fileexporter factory.go at 0.145 and lumberjack v2, whose rotation it uses. */
const defaultRotation = { maxBytes: 100 * 2 ** 20, maxBackups: 100, maxDays: 0, localtime: false };

const compress = promisify(zstdCompress);

/**
 * Requests as lines of OTLP/JSON, or as messages each behind its length in four bytes, big-endian (`format: proto`, and
 * whenever compressed). One file for all signals.
 */
export const fileExporter = defineExporter({
  schema: FileConfig,
  check: checkFile,
  create(settings, { shared, deps, resumed }): Exporter {
    const { clock } = deps;
    const path = settings.path!;
    const rotation = parseRotation(settings.rotation);
    const writer = shared(
      () =>
        new FileWriter({
          path,
          clock,
          // Other settings do not take away what was written before them.
          append: settings.append === true || resumed,
          createDirectory: settings.create_directory ?? false,
          ...(rotation !== undefined && { rotation }),
        }),
    );
    return {
      destination: path,
      start: () => writer.open(),
      send: async (batch) => {
        const failure = await writer.write(await encode(batch, settings));
        return failure === undefined ? { status: 'delivered', rejectedCount: 0 } : { status: 'retryable', failure };
      },
      shutdown: () => writer.close(),
    };
  },
});

async function encode({ signal, bytes }: Batch, { format = 'json', compression }: FileConfig): Promise<Uint8Array> {
  const compressed = compression === 'zstd';
  if (format === 'json' && !compressed) return Buffer.from(`${encodeJson(signal, bytes)}\n`);
  const plain = format === 'json' ? Buffer.from(encodeJson(signal, bytes)) : bytes;
  const body = compressed ? await compress(plain) : plain;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function parseRotation(rotation: FileConfig['rotation']): Rotation | undefined {
  if (rotation === undefined) return undefined;
  return {
    maxBytes: rotation.max_megabytes ? rotation.max_megabytes * 2 ** 20 : defaultRotation.maxBytes,
    maxBackups: rotation.max_backups ?? defaultRotation.maxBackups,
    maxDays: rotation.max_days ?? defaultRotation.maxDays,
    localtime: rotation.localtime ?? defaultRotation.localtime,
  };
}

function checkFile({ path, append, compression, rotation }: FileConfig): Issue[] {
  if (path === undefined || path === '') {
    return [
      {
        code: 'SL0102',
        severity: 'error',
        message: '`path` is required',
        path: ['path'],
        help: 'add `path: ./telemetry.jsonl`',
      },
    ];
  }
  const other = rotation !== undefined ? 'rotation' : compression === 'zstd' ? 'compression' : undefined;
  if (append !== true || other === undefined) return [];
  return [
    { code: 'SL0114', severity: 'error', message: `\`append\` and \`${other}\` exclude each other`, path: ['append'] },
  ];
}
