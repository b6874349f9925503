import { formatDuration, parseDuration } from '../../lib/index.ts';

/** How a sink treats requests. Changing it does not touch requests that already hang or wait. */
export type SinkMode =
  | { readonly kind: 'accept' }
  /** Answers `share` (0 to 1) of the requests with this HTTP status or the gRPC code that matches it. */
  | { readonly kind: 'status'; readonly status: RefusalStatus; readonly share: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers after a delay. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Closes every connection at once; after `forMs` the sink accepts again. */
  | { readonly kind: 'drop'; readonly forMs?: number }
  /** Takes each request but reports this share of its items as rejected. */
  | { readonly kind: 'partial'; readonly share: number }
  /** This share of all items is poisonous, always the same ones: a request that holds one is answered 400 as a whole. */
  | { readonly kind: 'poison'; readonly share: number };

export const REFUSAL_STATUSES = [400, 401, 403, 404, 429, 500, 503] as const;
export type RefusalStatus = (typeof REFUSAL_STATUSES)[number];

export const SINK_MODE_SYNTAX = `accept, hang, slow:2s, drop (closes the port), drop:5m, partial:10%, poison:0.1% (400 to requests that hold such an item), refuse (503), or one of ${REFUSAL_STATUSES.join(', ')} with an optional share such as 503:0.7`;

/** Reads `accept`, `503:0.7`, `slow:2s` and so on; undefined when the text is none of them. */
export function parseSinkMode(text: string): SinkMode | undefined {
  const colon = text.indexOf(':');
  const word = (colon < 0 ? text : text.slice(0, colon)).trim();
  const argument = colon < 0 ? undefined : text.slice(colon + 1).trim();
  switch (word) {
    case 'accept':
    case 'hang':
      return argument === undefined ? { kind: word } : undefined;
    case 'slow':
      return withDuration(argument, (delayMs) => ({ kind: 'slow', delayMs }));
    case 'drop':
      return argument === undefined ? { kind: 'drop' } : withDuration(argument, (forMs) => ({ kind: 'drop', forMs }));
    case 'partial':
      return withShare(argument, (share) => ({ kind: 'partial', share }));
    case 'poison':
      return withShare(argument, (share) => ({ kind: 'poison', share }));
    case 'refuse':
      return withShare(argument ?? '1', (share) => ({ kind: 'status', status: 503, share }));
    default: {
      const status = REFUSAL_STATUSES.find((known) => String(known) === word);
      if (status === undefined) return undefined;
      return withShare(argument ?? '1', (share) => ({ kind: 'status', status, share }));
    }
  }
}

/** The text parseSinkMode reads back into the same mode. */
export function formatSinkMode(mode: SinkMode): string {
  switch (mode.kind) {
    case 'accept':
    case 'hang':
      return mode.kind;
    case 'slow':
      return `slow:${formatDuration(mode.delayMs)}`;
    case 'drop':
      return mode.forMs === undefined ? 'drop' : `drop:${formatDuration(mode.forMs)}`;
    case 'partial':
    case 'poison':
      return `${mode.kind}:${percent(mode.share)}`;
    case 'status':
      return mode.share === 1 ? String(mode.status) : `${mode.status}:${mode.share}`;
  }
}

/** What the sink does, for the line a person reads. */
export function describeSinkMode(mode: SinkMode): string {
  switch (mode.kind) {
    case 'accept':
      return 'accepting everything';
    case 'hang':
      return 'never answering';
    case 'slow':
      return `answering after ${formatDuration(mode.delayMs)}`;
    case 'drop':
      return `closing every connection${mode.forMs === undefined ? '' : ` for ${formatDuration(mode.forMs)}`}`;
    case 'partial':
      return `rejecting ${percent(mode.share)} of the items by partial success`;
    case 'poison':
      return `answering 400 to requests with an item of the ${percent(mode.share)} that are poisonous`;
    case 'status':
      return `answering ${mode.status} to ${mode.share === 1 ? 'every request' : `${percent(mode.share)} of requests`}`;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}

function withDuration(text: string | undefined, mode: (ms: number) => SinkMode): SinkMode | undefined {
  const ms = text === undefined ? undefined : parseDuration(text);
  return ms === undefined || ms <= 0 ? undefined : mode(ms);
}

/** `0.7` or `70%`. */
function withShare(text: string | undefined, mode: (share: number) => SinkMode): SinkMode | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text ?? '');
  if (match === null) return undefined;
  const share = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return share > 0 && share <= 1 ? mode(share) : undefined;
}
