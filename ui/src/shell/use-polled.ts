import { useEffect, useState } from 'preact/hooks';
import { ApiError, getJson } from './api-client.ts';
import { paused } from './live.ts';

const INTERVAL_MS = 1500;

export interface Polled<T> {
  /** The last answer; stays on screen while the next one is on its way or fails. */
  readonly data?: T;
  readonly error?: ApiError;
}

/** Reads a path now and again at every interval while the tab is visible and not paused. Nothing is read for an undefined path. */
export function usePolled<T>(path: string | undefined, intervalMs = INTERVAL_MS): Polled<T> {
  const [state, setState] = useState<Polled<T> & { readonly path?: string }>({});
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    const run = async () => {
      if (isFirst || (!paused.value && document.visibilityState === 'visible')) {
        isFirst = false;
        await read<T>(path, abort.signal, (next) => setState({ ...next, path }));
      }
      if (!abort.signal.aborted) timer = setTimeout(run, intervalMs);
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, intervalMs]);
  return state.path === path ? state : {};
}

async function read<T>(path: string, signal: AbortSignal, report: (state: Polled<T>) => void): Promise<void> {
  try {
    report({ data: await getJson<T>(path, signal) });
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError) report({ error });
    else throw error;
  }
}
