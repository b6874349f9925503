import type { IncomingMessage } from 'node:http';
import { RequestError } from './reply.ts';

/** More than any file of resources that people write; the API server of a cluster takes 1.5 MiB an object. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Reads the JSON object of a write. The size is counted while reading, whatever the sender announced. */
export async function readJsonBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  // Pages of other sites cannot send this type without asking first, which this server never allows.
  if (type !== 'application/json') {
    throw new RequestError(415, {
      code: 'SL0911',
      message: `the body has content type '${type.slice(0, 100)}'`,
      help: 'send application/json',
    });
  }
  const body = parse(await readBytes(request));
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw unusable('the body must be a JSON object');
  return body as Record<string, unknown>;
}

/** What is too much is read on and thrown away, so that the sender gets to see the answer. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge());
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => reject(unusable('the body ended too early')));
  });
}

function tooLarge(): RequestError {
  return new RequestError(413, {
    code: 'SL0911',
    message: `the body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`,
    help: 'send fewer resources at once',
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw unusable('the body is not JSON in UTF-8');
  }
}

/** A text field; the message never repeats what was sent. */
export function textField(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw unusable(`\`${name}\` must be a text`);
  return value;
}

export function unusable(message: string, help?: string): RequestError {
  return new RequestError(400, { code: 'SL0911', message, ...(help === undefined ? {} : { help }) });
}
