import type { ErrorDocument } from '../../../src/server/api.ts';

/** An error of the API in its own words, or `unreachable` when nobody answered. */
export class ApiError extends Error {
  readonly code: string;
  readonly help: string | undefined;
  readonly status: number;

  constructor(status: number, error: ErrorDocument['error']) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.help = error.help;
  }
}

export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return requestJson<T>(path, signal === undefined ? {} : { signal });
}

export function postJson<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return requestJson<T>(path, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function requestJson<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  let document: unknown;
  try {
    response = await fetch(path, init);
    document = await response.json();
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, { code: 'unreachable', message: 'the engine does not answer', help: 'Is it still running?' });
  }
  if (response.ok) return document as T;
  throw new ApiError(response.status, (document as ErrorDocument).error);
}
