import type { ServerResponse } from 'node:http';
import { RequestError } from './reply.ts';

const MAX_STREAMS = 64;
/** A reader this far behind misses events instead of growing a buffer. */
const MAX_BACKLOG_BYTES = 1024 * 1024;

export interface EventStreams {
  /** Answers with an open stream, whose first event is `first`. */
  open(response: ServerResponse, event: string, first: unknown): void;
  /** Sends to all; serialises once. */
  publish(event: string, document: () => unknown): void;
  close(): void;
}

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function createEventStreams(): EventStreams {
  const streams = new Set<ServerResponse>();
  let id = 0;
  const frame = (event: string, document: unknown) =>
    `id: ${++id}\nevent: ${event}\ndata: ${JSON.stringify(document)}\n\n`;
  return {
    open(response, event, first) {
      if (streams.size >= MAX_STREAMS) {
        throw new RequestError(503, {
          code: 'SL0914',
          message: `${MAX_STREAMS} streams are open, which is the limit`,
          help: 'close some tabs',
        });
      }
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      response.write(`retry: 2000\n${frame(event, first)}`);
      streams.add(response);
      response.on('close', () => streams.delete(response));
    },
    publish(event, document) {
      if (streams.size === 0) return;
      const text = frame(event, document());
      for (const stream of streams) if (stream.writableLength < MAX_BACKLOG_BYTES) stream.write(text);
    },
    close() {
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}
