import { useEffect, useState } from 'preact/hooks';
import type { PreviewDocument, PreviewRequest } from '../../../src/server/api.ts';
import { type ApiError, postJson } from '../shell/api-client.ts';
import { caught } from './draft.ts';

const DELAY_MS = 400;

export interface PreviewState {
  readonly result?: PreviewDocument;
  readonly error?: ApiError;
}

/** What the rules of a text do to data, a moment after either stopped changing; the last answer stays on screen meanwhile. */
export function usePreview(request: PreviewRequest, round: number): PreviewState {
  const [state, setState] = useState<PreviewState>({});
  const key = JSON.stringify(request);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      const next = await caught(
        () => postJson<PreviewDocument>('/api/v1/preview', request, abort.signal),
        abort.signal,
      );
      if (next !== undefined) setState(next);
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, round]);
  return state;
}
