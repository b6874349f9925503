import type { ServerResponse } from 'node:http';
import { RequestError } from './reply.ts';

const MAX_STREAMS = 64;
/** A reader this far behind misses events instead of growing a buffer. */
const MAX_BACKLOG_BYTES = 1024 * 1024;

export const TOPICS = ['stats', 'graph', 'configuration'] as const;
export type Topic = (typeof TOPICS)[number];

export interface StreamEvent {
  readonly event: string;
  readonly document: unknown;
}

export interface EventStreams {
  /** Answers with an open stream of some topics, which begins with `first`. */
  open(response: ServerResponse, topics: readonly Topic[], first: readonly StreamEvent[]): void;
  /** Sends to those who listen to the topic; the document is made and serialised once, and only for them. */
  publish(topic: Topic, event: string, document: () => unknown): void;
  close(): void;
}

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function createEventStreams(): EventStreams {
  const streams = new Map<ServerResponse, readonly Topic[]>();
  let id = 0;
  const frame = ({ event, document }: StreamEvent) =>
    `id: ${++id}\nevent: ${event}\ndata: ${JSON.stringify(document)}\n\n`;
  return {
    open(response, topics, first) {
      if (streams.size >= MAX_STREAMS) {
        throw new RequestError(503, {
          code: 'SL0914',
          message: `${MAX_STREAMS} streams are open, which is the limit`,
          help: 'close some tabs',
        });
      }
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      response.write(`retry: 2000\n${first.map(frame).join('')}`);
      streams.set(response, topics);
      response.on('close', () => streams.delete(response));
    },
    publish(topic, event, document) {
      const readers = [...streams].filter(([, topics]) => topics.includes(topic)).map(([stream]) => stream);
      if (readers.length === 0) return;
      const text = frame({ event, document: document() });
      for (const reader of readers) if (reader.writableLength < MAX_BACKLOG_BYTES) reader.write(text);
    },
    close() {
      for (const stream of streams.keys()) stream.end();
      streams.clear();
    },
  };
}

/** `stats,graph`; throws for a topic that does not exist. */
export function parseTopics(text: string | null): readonly Topic[] {
  const names = (text ?? 'stats').split(',').map((name) => name.trim());
  const topics = TOPICS.filter((topic) => names.includes(topic));
  if (topics.length === new Set(names).size) return topics;
  throw new RequestError(400, {
    code: 'SL0911',
    message: 'there is no such topic',
    help: `use ?topics= with some of: ${TOPICS.join(', ')}`,
  });
}
