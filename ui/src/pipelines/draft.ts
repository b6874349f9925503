import { useEffect, useState } from 'preact/hooks';
import type { ApplyDocument, ValidateDocument } from '../../../src/server/api.ts';
import { ApiError, postJson } from '../shell/api-client.ts';

const DELAY_MS = 300;

/** Stands where a value was masked; a draft that holds it cannot be applied. */
export const HIDDEN = '‹hidden›';

export interface Validation {
  readonly result?: ValidateDocument;
  readonly error?: ApiError;
}

/** Findings of a text, a moment after it stopped changing; those before stay on screen meanwhile. */
export function useValidation(text: string): Validation {
  const [validation, setValidation] = useState<Validation>({});
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      const next = await caught(
        () => postJson<ValidateDocument>('/api/v1/validate', { text }, abort.signal),
        abort.signal,
      );
      if (next !== undefined) setValidation(next);
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return validation;
}

/** Result or error of the API; undefined when it was aborted. */
export async function caught<T>(
  run: () => Promise<T>,
  signal?: AbortSignal,
): Promise<{ readonly result?: T; readonly error?: ApiError } | undefined> {
  try {
    return { result: await run() };
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (error instanceof ApiError) return { error };
    throw error;
  }
}

export interface Applying {
  readonly result?: ApplyDocument;
  readonly error?: ApiError;
}

/** With `dryRun` nothing changes and the answer says what would. */
export async function applyDraft(file: string, text: string, dryRun: boolean): Promise<Applying> {
  const body = { files: [{ file, text }], dryRun };
  return (await caught(() => postJson<ApplyDocument>('/api/v1/local/apply', body))) ?? {};
}
