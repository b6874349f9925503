import { createServer } from 'node:http';
import type { HostPort } from '../settings/endpoint.ts';

export interface TextPage {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface TextServer {
  listen(address: HostPort): Promise<HostPort>;
  close(): Promise<void>;
}

/** A small HTTP server of pages by exact path; everything else is 404. */
export function createTextServer(pages: Readonly<Record<string, () => TextPage>>): TextServer {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const page = Object.hasOwn(pages, path)
      ? pages[path]!()
      : { status: 404, contentType: 'text/plain', body: 'not found\n' };
    response.writeHead(page.status, { 'content-type': page.contentType });
    response.end(request.method === 'HEAD' ? undefined : page.body);
  });
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const bound = server.address() as { readonly address: string; readonly port: number };
          resolve({ host: bound.address, port: bound.port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
