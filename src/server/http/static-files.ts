import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { errorCode } from '../../lib/index.ts';
import { RequestError, send } from './reply.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Vite puts a hash of the content into the names of these, so they never change. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/** Serves the built UI. A path without a file extension is a screen of the client and gets its index page. */
export function createStaticFiles(root: string) {
  return async (request: IncomingMessage, response: ServerResponse, urlPath: string): Promise<void> => {
    const isScreen = path.posix.extname(urlPath) === '';
    const file = isScreen ? path.join(root, 'index.html') : resolveInside(root, urlPath);
    const content = file === undefined ? undefined : await readIfThere(file);
    if (content === undefined) {
      throw isScreen
        ? new RequestError(503, {
            code: 'SL0914',
            message: 'the user interface has not been built',
            help: 'run: npm run build:ui',
          })
        : new RequestError(404, { code: 'SL0910', message: `there is no ${urlPath.slice(0, 200)}` });
    }
    response.setHeader('etag', content.etag);
    response.setHeader('cache-control', HASHED.test(urlPath) ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (request.headers['if-none-match'] === content.etag) {
      response.writeHead(304).end();
      return;
    }
    const type = CONTENT_TYPES[path.extname(content.file)] ?? 'application/octet-stream';
    send(response, { status: 200, type, body: content.body });
  };
}

/** Undefined for every path that would leave the folder. */
function resolveInside(root: string, urlPath: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0')) return undefined;
  const file = path.resolve(root, `.${path.posix.normalize(decoded)}`);
  return file.startsWith(path.resolve(root) + path.sep) ? file : undefined;
}

async function readIfThere(file: string): Promise<{ file: string; body: Uint8Array; etag: string } | undefined> {
  try {
    const [body, { mtimeMs, size }] = await Promise.all([readFile(file), stat(file)]);
    return { file, body, etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"` };
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
