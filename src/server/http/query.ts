import { RequestError } from './reply.ts';

const MAX_TEXT_LENGTH = 200;

/** A query parameter of bounded length; undefined when it is missing or empty. */
export function textParameter(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name) ?? '';
  if (value === '') return undefined;
  if (value.length > MAX_TEXT_LENGTH) {
    throw badParameter(`\`${name}\` must not be longer than ${MAX_TEXT_LENGTH} characters`);
  }
  return value;
}

export function numberParameter(
  query: URLSearchParams,
  name: string,
  bounds: { readonly fallback: number; readonly max: number },
): number {
  const text = query.get(name) ?? '';
  if (text === '') return bounds.fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > bounds.max) {
    throw badParameter(`\`${name}\` must be a number from 1 to ${bounds.max}, got '${text.slice(0, 20)}'`);
  }
  return value;
}

/** 32 hex digits in lower case. */
export function parseTraceId(text: string): string {
  if (!/^[0-9a-f]{32}$/i.test(text)) throw badParameter('a trace id must be 32 hex characters');
  return text.toLowerCase();
}

function badParameter(message: string): RequestError {
  return new RequestError(400, { code: 'SL0911', message });
}
